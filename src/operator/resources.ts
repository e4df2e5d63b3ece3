import { group, inferenceModels, inferenceProfiles, inferenceRuntimes, labels, version } from '#api/group.ts';
import type { StoredModel } from '#decision/decide.ts';
import { owningModel } from '#decision/ownership.ts';
import { knativeNamespace, settingsConfigMaps } from '#knative/names.ts';
import {
  type ConfigMap,
  type KnativeServiceObject,
  type PodObject,
  type RevisionObject,
  revisionResource,
  serviceResource,
} from '#knative/objects.ts';
import { NamespacedInformer } from '#kube/cache/namespaces.ts';
import { Reflector, type ReflectorOptions } from '#kube/cache/reflector.ts';
import { dropManagedFields } from '#kube/cache/store.ts';
import type { Reader } from '#kube/client/client.ts';
import { configMapResource, type KubernetesObject, keyOf, podResource } from '#kube/client/objects.ts';

export const modelResource = { group, version, plural: inferenceModels.plural, namespaced: true };
export const runtimeResource = { group, version, plural: inferenceRuntimes.plural, namespaced: false };
export const profileResource = { group, version, plural: inferenceProfiles.plural, namespaced: false };

export type Caches = ReturnType<typeof makeCaches>;
export interface CacheOptions
  extends Omit<ReflectorOptions<KubernetesObject>, 'resource' | 'trim' | 'indexes'> {
  readonly client: Reader;
  /** Where models are served; in all namespaces if left out. */
  readonly namespaces?: readonly string[] | undefined;
}

/** The local copies of all that the operator reads. */
export function makeCaches({ namespaces, ...common }: CacheOptions) {
  const served = <T extends KubernetesObject>(options: Omit<ReflectorOptions<T>, keyof typeof common>) => {
    const reflector = (where: object) => new Reflector<T>({ ...common, ...options, ...where });
    if (!namespaces) return reflector({});
    return new NamespacedInformer(
      new Map(namespaces.map((namespace) => [namespace, reflector({ namespace })])),
    );
  };
  const ofModels = { labelSelector: labels.model, indexes: { model: modelKeys } };
  return {
    models: served<StoredModel>({ resource: modelResource }),
    runtimes: new Reflector<KubernetesObject>({ ...common, resource: runtimeResource }),
    profiles: new Reflector<KubernetesObject>({ ...common, resource: profileResource }),
    // Without a selector: a Service that is not ours may hold the name of one that we would make.
    services: served<KnativeServiceObject>({ resource: serviceResource, trim: trimService }),
    revisions: served<RevisionObject>({ ...ofModels, resource: revisionResource, trim: trimRevision }),
    pods: served<PodObject>({ ...ofModels, resource: podResource, trim: trimPod }),
    settings: settingsConfigMaps.map(
      (name) =>
        new Reflector<ConfigMap>({
          ...common,
          resource: configMapResource,
          namespace: knativeNamespace,
          fieldSelector: `metadata.name=${name}`,
        }),
    ),
  };
}

/** The key of the model that an object belongs to, by its label. */
export function modelKeys({ metadata }: KubernetesObject): string[] {
  const name = metadata.labels?.[labels.model];
  return name ? [keyOf({ namespace: metadata.namespace, name })] : [];
}

/** Of a Service that no model owns, only who manages it matters. */
function trimService(service: KnativeServiceObject): KnativeServiceObject {
  if (owningModel(service)) return dropManagedFields(service);
  const { name, namespace, uid, resourceVersion, managedFields = [] } = service.metadata;
  const managers = managedFields.map(({ manager, operation, subresource }) => ({
    manager,
    operation,
    subresource,
  }));
  return { metadata: { name, namespace, uid, resourceVersion, managedFields: managers } };
}

/** The spec of a Revision is the template of the Service, which is kept. */
function trimRevision({
  metadata: { managedFields: _, ...metadata },
  status,
}: RevisionObject): RevisionObject {
  return { metadata, ...(status && { status }) };
}

/** A pod is long, and only its labels and what its status says of failures are read. */
function trimPod({ metadata, status }: PodObject): PodObject {
  const {
    name,
    namespace,
    uid,
    resourceVersion,
    labels: all,
    creationTimestamp,
    deletionTimestamp,
  } = metadata;
  const { phase, conditions, containerStatuses, initContainerStatuses } = status ?? {};
  return {
    metadata: { name, namespace, uid, resourceVersion, labels: all, creationTimestamp, deletionTimestamp },
    status: { phase, conditions, containerStatuses, initContainerStatuses },
  };
}
