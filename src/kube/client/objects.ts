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
