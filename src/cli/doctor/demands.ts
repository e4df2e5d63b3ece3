import { milliValue } from '#api/schema/quantity.ts';
import type { KnativeServiceManifest } from '#synth/knative-service.ts';

/** An object that the pods of a model need, by its name. */
export interface Reference {
  readonly kind: ReferencedKind;
  readonly name: string;
}

export const referencedKinds = [
  'Secret',
  'ConfigMap',
  'ServiceAccount',
  'PersistentVolumeClaim',
  'StorageClass',
  'RuntimeClass',
  'PriorityClass',
] as const;
export type ReferencedKind = (typeof referencedKinds)[number];

export interface Container {
  readonly name: string;
  readonly resources?: {
    readonly requests?: Readonly<Record<string, string>>;
    readonly limits?: Readonly<Record<string, string>>;
  };
  readonly securityContext?: { readonly runAsNonRoot?: boolean };
}

export interface Toleration {
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
  readonly effect?: string;
}

/** What the pods of a model ask of the cluster, as its template says. */
export interface Demands {
  readonly name: string;
  readonly namespace: string;
  readonly containers: readonly Container[];
  /** Amounts of one pod in thousandths, by resource: the largest of init containers and the sum of the others. */
  readonly requests: Readonly<Record<string, bigint>>;
  readonly limits: Readonly<Record<string, bigint>>;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
  readonly references: readonly Reference[];
  /** Whether queue-proxy has resources of its own. */
  readonly queueProxyHasResources: boolean;
  /** Fields that decide on a node and are not looked at. */
  readonly unjudged: readonly string[];
}

interface PodSpec {
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly tolerations?: readonly Toleration[];
  readonly affinity?: unknown;
  readonly topologySpreadConstraints?: unknown;
  readonly serviceAccountName?: string;
  readonly runtimeClassName?: string;
  readonly priorityClassName?: string;
}

/** @param namespace of a model that names none */
export function demandsOf({ metadata, spec }: KnativeServiceManifest, namespace: string): Demands {
  const { metadata: meta, spec: podSpec } = spec.template as {
    readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
    readonly spec: unknown;
  };
  const pod = podSpec as PodSpec;
  const { containers = [], initContainers = [] } = pod;
  return {
    name: metadata.name,
    namespace: metadata.namespace ?? namespace,
    containers: [...initContainers, ...containers],
    requests: amountsOf(containers, initContainers, 'requests'),
    limits: amountsOf(containers, initContainers, 'limits'),
    nodeSelector: pod.nodeSelector ?? {},
    tolerations: pod.tolerations ?? [],
    references: referencesIn(pod),
    queueProxyHasResources: Object.keys(meta?.annotations ?? {}).some((key) =>
      key.startsWith('queue.sidecar.serving.knative.dev/'),
    ),
    unjudged: (['affinity', 'topologySpreadConstraints'] as const).filter(
      (field) => pod[field] !== undefined,
    ),
  };
}

/** A pod requests the larger of its init containers and of the sum of the others; a limit without a request is both. */
function amountsOf(
  containers: readonly Container[],
  initContainers: readonly Container[],
  type: 'requests' | 'limits',
): Record<string, bigint> {
  const total: Record<string, bigint> = {};
  const of = ({ resources = {} }: Container) =>
    Object.entries({ ...resources.limits, ...(type === 'requests' ? resources.requests : {}) });
  for (const container of containers)
    for (const [name, amount] of of(container)) total[name] = (total[name] ?? 0n) + milliValue(amount);
  for (const container of initContainers)
    for (const [name, amount] of of(container)) {
      const value = milliValue(amount);
      if (value > (total[name] ?? 0n)) total[name] = value;
    }
  return total;
}

/** Fields of a pod that name another object, and the key of its name. */
const referringFields: Readonly<Record<string, readonly [kind: ReferencedKind, key: string]>> = {
  secretKeyRef: ['Secret', 'name'],
  secretRef: ['Secret', 'name'],
  configMapKeyRef: ['ConfigMap', 'name'],
  configMapRef: ['ConfigMap', 'name'],
  configMap: ['ConfigMap', 'name'],
  persistentVolumeClaim: ['PersistentVolumeClaim', 'claimName'],
};

function referencesIn(pod: PodSpec): Reference[] {
  const found = new Map<string, Reference>();
  const add = (kind: ReferencedKind, name: unknown) => {
    if (typeof name === 'string' && name) found.set(`${kind} ${name}`, { kind, name });
  };
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) visit(item);
    if (Array.isArray(value) || typeof value !== 'object' || value === null) return;
    for (const [field, inner] of Object.entries(value)) {
      const object = (inner ?? {}) as Readonly<Record<string, unknown>>;
      const known = referringFields[field];
      if (known && object.optional !== true) add(known[0], object[known[1]]);
      // A volume names its Secret by `secretName`, a projected one by `name`.
      if (field === 'secret' && object.optional !== true) add('Secret', object.secretName ?? object.name);
      if (field === 'imagePullSecrets' && Array.isArray(inner))
        for (const each of inner) add('Secret', (each as { readonly name?: unknown }).name);
      if (field === 'storageClassName') add('StorageClass', inner);
      visit(inner);
    }
  };
  visit(pod);
  add('ServiceAccount', pod.serviceAccountName);
  add('RuntimeClass', pod.runtimeClassName);
  add('PriorityClass', pod.priorityClassName);
  return [...found.values()];
}
