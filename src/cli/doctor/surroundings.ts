import type { KnativeServiceObject } from '#knative/objects.ts';
import { serviceResource } from '#knative/objects.ts';
import { type Client, listAll } from '#kube/client/client.ts';
import type { GroupVersionResource, KubernetesObject } from '#kube/client/objects.ts';
import { configMapResource, coreServiceResource } from '#kube/client/objects.ts';
import type { Demands, Reference, ReferencedKind } from './demands.ts';
import { type Seen, see } from './snapshot.ts';

export interface NodeObject extends KubernetesObject {
  readonly spec?: {
    readonly unschedulable?: boolean;
    readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  };
  readonly status?: { readonly allocatable?: Readonly<Record<string, string>> };
}

export interface QuotaObject extends KubernetesObject {
  readonly spec?: { readonly scopes?: readonly string[]; readonly scopeSelector?: unknown };
  readonly status?: {
    readonly hard?: Readonly<Record<string, string>>;
    readonly used?: Readonly<Record<string, string>>;
  };
}

export interface LimitRangeObject extends KubernetesObject {
  readonly spec?: { readonly limits?: readonly LimitRangeItem[] };
}

interface LimitRangeItem {
  readonly type: string;
  readonly max?: Readonly<Record<string, string>>;
  readonly default?: Readonly<Record<string, string>>;
  readonly defaultRequest?: Readonly<Record<string, string>>;
}

/** What is around the pods of one model. */
export interface Surroundings {
  readonly nodes: Seen<readonly NodeObject[]>;
  readonly namespace: Seen<KubernetesObject>;
  readonly quotas: Seen<readonly QuotaObject[]>;
  readonly limitRanges: Seen<readonly LimitRangeObject[]>;
  /** The Service and the Knative Service of the model's name. */
  readonly service: Seen<KubernetesObject>;
  readonly knativeService: Seen<KnativeServiceObject>;
  readonly references: readonly (Reference & { readonly seen: Seen<KubernetesObject> })[];
}

const core = (plural: string, namespaced = true): GroupVersionResource => ({
  group: '',
  version: 'v1',
  plural,
  namespaced,
});
const ofCluster = (group: string, plural: string): GroupVersionResource => ({
  group,
  version: 'v1',
  plural,
  namespaced: false,
});

const resources: Readonly<Record<ReferencedKind, GroupVersionResource>> = {
  Secret: core('secrets'),
  ConfigMap: configMapResource,
  ServiceAccount: core('serviceaccounts'),
  PersistentVolumeClaim: core('persistentvolumeclaims'),
  StorageClass: ofCluster('storage.k8s.io', 'storageclasses'),
  RuntimeClass: ofCluster('node.k8s.io', 'runtimeclasses'),
  PriorityClass: ofCluster('scheduling.k8s.io', 'priorityclasses'),
};

/** Looks around one model, as far as the user may. */
export async function gatherSurroundings(client: Client, demands: Demands): Promise<Surroundings> {
  const { name, namespace } = demands;
  const inNamespace = { namespace };
  const [nodes, itself, quotas, limitRanges, service, knativeService, references] = await Promise.all([
    see(listAll<NodeObject>(client, core('nodes', false))),
    see(client.get<KubernetesObject>(core('namespaces', false), { name: namespace })),
    see(listAll<QuotaObject>(client, core('resourcequotas'), inNamespace)),
    see(listAll<LimitRangeObject>(client, core('limitranges'), inNamespace)),
    see(client.get<KubernetesObject>(coreServiceResource, { namespace, name })),
    see(client.get<KnativeServiceObject>(serviceResource, { namespace, name })),
    Promise.all(
      demands.references.map(async (reference) => {
        const resource = resources[reference.kind];
        const target = { ...(resource.namespaced && { namespace }), name: reference.name };
        const seen = await see(client.get<KubernetesObject>(resource, target));
        // What a Secret holds is no matter here.
        return { ...reference, seen: seen.state === 'found' ? withoutData(seen.value) : seen };
      }),
    ),
  ]);
  return { nodes, namespace: itself, quotas, limitRanges, service, knativeService, references };
}

const withoutData = ({ metadata }: KubernetesObject): Seen<KubernetesObject> => ({
  state: 'found',
  value: { metadata },
});
