import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { version } from '#base/version.ts';
import type { DeploymentObject } from '#cli/cluster/installed-operator.ts';
import { serviceCrd } from '#cli/doctor/platform.ts';
import type { CrdObject, Seen, Snapshot } from '#cli/doctor/snapshot.ts';
import type { NodeObject, Surroundings } from '#cli/doctor/surroundings.ts';
import type { ConfigMap } from '#knative/objects.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';

const manifests = join(import.meta.dirname, '../../../manifests');

export const seen = <T>(value: T): Seen<T> => ({ state: 'found', value });
export const absent = { state: 'absent' } as const;
export const hidden = { state: 'hidden', why: 'configmaps is forbidden' } as const;

const objects = <T>(file: string): T[] =>
  [...parseAllDocuments(readFileSync(join(manifests, file), 'utf8'))].map((document) => document.toJS() as T);

/** Our CRDs as they are installed. */
export const installed = Object.fromEntries(
  objects<CrdObject>('crds.yaml').map((crd) => [crd.metadata.name, seen(crd)]),
);

export const knativeCrd = (release?: string): CrdObject => ({
  metadata: { name: serviceCrd, ...(release && { labels: { 'app.kubernetes.io/version': release } }) },
});

export function workload(
  name: string,
  readyReplicas: number,
  image = `dev.local/dormouse:${version}`,
): DeploymentObject {
  return {
    metadata: { namespace: 'dormouse-system', name },
    spec: { replicas: 1, template: { spec: { containers: [{ image }] } } },
    status: { readyReplicas },
  };
}

type Settings = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** ConfigMaps of Knative with these data; of Knative's operator where an owner is named. */
export function settings(data: Settings, owner?: string): Seen<ConfigMap[]> {
  const ownerReferences = owner
    ? [{ apiVersion: 'operator.knative.dev/v1beta1', kind: 'KnativeServing', name: owner, uid: 'u' }]
    : [];
  return seen(Object.entries(data).map(([name, data]) => ({ metadata: { name, ownerReferences }, data })));
}

export const kourier = {
  'config-network': { 'ingress-class': 'kourier.ingress.networking.knative.dev' },
  'config-domain': { 'models.example.com': '', _example: 'x' },
};

/** A cluster with nothing to complain of, with what a test wants to differ. */
export function snapshot(differing: Partial<Snapshot> = {}): Snapshot {
  return {
    kubernetes: 'v1.34.1',
    namespace: 'default',
    crds: { ...installed, [serviceCrd]: seen(knativeCrd('1.21.0')) },
    knative: seen([workload('controller', 1)]),
    settings: settings(kourier),
    gateway: seen([{ metadata: { name: 'kourier-x' }, endpoints: [{ conditions: { ready: true } }] }]),
    host: { name: 'iris.default.models.example.com', resolves: true },
    operators: seen([workload('dormouse', 2)]),
    operatorPods: seen([]),
    runtimes: seen(objects<KubernetesObject>('runtimes.yaml')),
    profiles: seen([]),
    pods: seen([]),
    rights: [
      {
        purpose: 'see models',
        verb: 'list',
        resource: 'inferencemodels',
        namespace: 'default',
        allowed: true,
      },
    ],
    ...differing,
  };
}

export const node = (differing: Partial<NodeObject> = {}): NodeObject => ({
  metadata: { name: 'node-1', labels: { zone: 'a' } },
  status: { allocatable: { cpu: '8', memory: '32Gi' } },
  ...differing,
});

/** A node with room, and nothing in the way of a model. */
export const spacious: Surroundings = {
  nodes: seen([node()]),
  namespace: seen({ metadata: { name: 'default' } }),
  quotas: seen([]),
  limitRanges: seen([]),
  service: absent,
  knativeService: absent,
  references: [],
};
