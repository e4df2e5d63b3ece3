import type { KubernetesObject } from '#kube/client/objects.ts';
import { cluster, kubectl } from '../support/cluster.ts';
import { ask } from './programs.ts';

/** How a tool brings objects from Git to a cluster. */
export interface Way {
  readonly name: string;
  apply(objects: readonly KubernetesObject[]): Promise<void>;
  /** What differs between Git and the cluster, in the tool's own words; nothing once it is in sync. */
  drift(objects: readonly KubernetesObject[]): Promise<string>;
}

/** As kustomize-controller. It tells drift by what it would do. */
const flux: Way = {
  name: 'Flux',
  apply: async (objects) => void (await fluxApply(objects)),
  drift: async (objects) =>
    (await fluxApply(objects))
      .filter(({ action }) => action !== 'unchanged')
      .map(({ object, action }) => `${object} ${action}`)
      .join('\n'),
};

const fluxApply = (objects: readonly object[]) =>
  ask<{ readonly object: string; readonly action: string }>('flux-apply', objects, cluster().kubeconfig);

/** As Argo CD, which is built on the code of kubectl; by default, and with the sync option ServerSideApply=true. */
const argocd = (name: string, ...flags: readonly string[]): Way => ({
  name,
  apply: async (objects) =>
    void (await kubectl(['apply', ...flags, '-f', '-'], listOf(objects.map(tracked)))),
  drift: async (objects) => {
    const desired = objects.map(tracked);
    const pairs = await Promise.all(desired.map(async (each) => ({ desired: each, live: await live(each) })));
    const answers = await ask<{ readonly outOfSync: boolean }>('argocd-diff', pairs);
    const differing = answers.filter(({ outOfSync }) => outOfSync).map((answer) => JSON.stringify(answer));
    return [...differing, await kubectlDiff(flags, desired)].join('');
  },
});

async function live({ apiVersion = '', kind, metadata: { name, namespace } }: KubernetesObject) {
  const [group] = apiVersion.split('/');
  const found = ['get', `${kind}.${group}`, name, `--namespace=${namespace}`, '--output=json'];
  return JSON.parse(await kubectl([...found, '--show-managed-fields']));
}

/** By its exit code it says that there is a difference. */
const kubectlDiff = (flags: readonly string[], objects: readonly object[]): Promise<string> =>
  kubectl(['diff', ...flags, '-f', '-'], listOf(objects)).catch((error: { stdout: string }) => {
    if (error.stdout) return error.stdout;
    throw error;
  });

/** By default it marks what it looks after with an annotation. */
function tracked(object: KubernetesObject): KubernetesObject {
  const { metadata, apiVersion = '', kind } = object;
  const [group] = apiVersion.split('/');
  const id = `models:${group}/${kind}:${metadata.namespace}/${metadata.name}`;
  return {
    ...object,
    metadata: { ...metadata, annotations: { ...metadata.annotations, 'argocd.argoproj.io/tracking-id': id } },
  };
}

const listOf = (items: readonly object[]): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'List', items });

const serverSide = ['--server-side', '--force-conflicts', '--field-manager=argocd-controller'];
export const ways: readonly Way[] = [
  flux,
  argocd('Argo CD'),
  argocd('Argo CD with ServerSideApply', ...serverSide),
];
