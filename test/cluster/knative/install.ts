import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Api } from '../api.ts';
import { run } from '../exec.ts';
import { type Folder, replaceFile, type Size } from '../folder.ts';
import { requiredVersion } from '../gomodules.ts';
import { imageNames } from '../images.ts';
import { parseObjects, publishedManifests } from './manifests.ts';
import { withoutPods } from './processes.ts';
import { type KubeObject, render } from './render.ts';

/** What is applied to a new cluster: the kinds first, then everything else. */
export type Manifests = { readonly crds: readonly KubeObject[]; readonly objects: readonly KubeObject[] };

/** Knative and, where pods run, its ingress and the cluster's DNS. */
export async function renderManifests(size: Size, signal?: AbortSignal): Promise<Manifests> {
  const images = await imageNames();
  const version = (await requiredVersion('knative', 'knative.dev/serving')).replace(/^v/, '');
  const options = { images, version };
  const part = async (name: Parameters<typeof publishedManifests>[0]) =>
    render(await publishedManifests(name, signal), options);
  const crds = await part('crds');
  const serving = await part('serving');
  if (size === 'control-plane') return { crds, objects: serving };
  const dns = parseObjects(await readFile(join(import.meta.dirname, '../coredns.yaml'), 'utf8'));
  return { crds, objects: [...render(dns, options), ...serving, ...(await part('kourier'))] };
}

/** Applies the manifests unless just these have been applied to this cluster before. Gives true when it did. */
export async function applyManifests(
  folder: Folder,
  size: Size,
  manifests: Manifests,
  kubectl: readonly string[],
  signal?: AbortSignal,
): Promise<boolean> {
  const objects = size === 'node' ? manifests.objects : withoutPods(manifests.objects);
  const yaml = (list: readonly KubeObject[]): string => list.map((object) => stringify(object)).join('---\n');
  const hash = createHash('sha256').update(yaml(manifests.crds)).update(yaml(objects)).digest('hex');
  const mark = join(folder.data, 'applied');
  const last = await readFile(mark, 'utf8').catch(() => undefined);
  if (last === hash) return false;
  const apply = [...kubectl, 'apply', '--server-side', '--force-conflicts', '--validate=ignore', '-f', '-'];
  if (last !== undefined) {
    // Other manifests over older ones: the older webhook would be asked, and does not run yet.
    const webhooks = objects.filter(({ kind }) => kind.endsWith('WebhookConfiguration'));
    await run([...kubectl, 'delete', '--ignore-not-found', '-f', '-'], { input: yaml(webhooks), signal });
  }
  await run(apply, { input: yaml(manifests.crds), signal });
  await run([...kubectl, 'wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s'], { signal });
  await run(apply, { input: yaml(objects), signal });
  await replaceFile(mark, hash);
  return true;
}

/** Forgets, in a cluster whose state was kept, what its last life left and would only be waited for. */
export async function forgetLastLife(api: Api): Promise<void> {
  // Knative's programs would wait a minute for leases of their own earlier selves.
  await api.request('DELETE', '/apis/coordination.k8s.io/v1/namespaces/knative-serving/leases');
  // Pods without processes would be taken for running ones until the kubelet has looked.
  const { body } = await api.request('GET', '/api/v1/pods');
  for (const { metadata } of (body as { items?: KubeObject[] } | undefined)?.items ?? []) {
    const pod = `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`;
    await api.request('DELETE', pod, { gracePeriodSeconds: 0 });
  }
}
