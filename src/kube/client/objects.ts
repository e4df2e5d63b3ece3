/** What every Kubernetes object carries, whatever its kind; times are RFC 3339 strings, as on the wire. */
export interface KubernetesObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMeta;
}

export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  /** Opaque: compare by equality only. */
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly finalizers?: readonly string[];
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly managedFields?: readonly ManagedFields[];
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

export interface ManagedFields {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly subresource?: string;
  readonly time?: string;
  readonly fieldsV1?: unknown;
}

/** A condition as the API conventions define it (metav1.Condition). */
export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
  readonly observedGeneration?: number;
}

/** Names one REST collection of the API server; `group` is empty for the core API. */
export interface GroupVersionResource {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

/** The name of a resource as kubectl writes it: `pods`, `services.serving.knative.dev`. */
export const resourceName = ({ group, plural }: Pick<GroupVersionResource, 'group' | 'plural'>): string =>
  group ? `${plural}.${group}` : plural;

/** What is needed to find one object of a known kind. */
export interface NamespacedName {
  readonly namespace?: string;
  readonly name: string;
}

/** The key of an object in stores and queues: `namespace/name`, or `name` alone where there is no namespace. */
export function keyOf({ namespace, name }: NamespacedName): string {
  return namespace ? `${namespace}/${name}` : name;
}

/** The owner that manages this object; Kubernetes allows at most one. */
export function controllerOf(object: KubernetesObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((owner) => owner.controller);
}

/** A metav1.MicroTime, of milliseconds since the Unix epoch: the API server takes exactly six digits of a second. */
export const microTime = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z');

/**
 * Whether `live` has every field of `desired`, with the same value. What else it has belongs to others. Lists must
 * agree item by item.
 */
export function isSubset(live: unknown, desired: unknown): boolean {
  if (Array.isArray(desired))
    return (
      Array.isArray(live) &&
      live.length === desired.length &&
      desired.every((item, index) => isSubset(live[index], item))
    );
  if (desired !== null && typeof desired === 'object') {
    if (live === null || typeof live !== 'object') return false;
    return Object.entries(desired).every(
      ([key, value]) => value === undefined || isSubset((live as Record<string, unknown>)[key], value),
    );
  }
  return live === desired;
}

const core = { group: '', version: 'v1', namespaced: true };

// Resources that Kubernetes itself has.
export const configMapResource: GroupVersionResource = { ...core, plural: 'configmaps' };
export const podResource: GroupVersionResource = { ...core, plural: 'pods' };
export const coreServiceResource: GroupVersionResource = { ...core, plural: 'services' };
export const deploymentResource: GroupVersionResource = {
  group: 'apps',
  version: 'v1',
  plural: 'deployments',
  namespaced: true,
};
export const crdResource: GroupVersionResource = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  namespaced: false,
};
export const endpointSliceResource: GroupVersionResource = {
  group: 'discovery.k8s.io',
  version: 'v1',
  plural: 'endpointslices',
  namespaced: true,
};
