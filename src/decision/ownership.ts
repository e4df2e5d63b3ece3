import { group, inferenceModels } from '#api/group.ts';
import type { KnativeServiceObject } from '#knative/objects.ts';
import { controllerOf, type KubernetesObject, type OwnerReference } from '#kube/client/objects.ts';

/**
 * Whose the Knative Service is that has the name of a model. `ours`: of this very model. `left-behind`: of a deleted
 * model of the same name; Kubernetes will delete it, too. `taken`: of another owner.
 */
export type Ownership = 'ours' | 'left-behind' | 'taken';

/** Without a known model, as in a saved cluster, the name alone says that a Service is of its model. */
export function ownershipOf(
  service: KnativeServiceObject,
  model: Pick<KubernetesObject, 'metadata'> | undefined,
): Ownership {
  const owner = owningModel(service);
  if (owner?.name !== service.metadata.name) return 'taken';
  return model && owner.uid !== model.metadata.uid ? 'left-behind' : 'ours';
}

/** The InferenceModel that an object names as its controller; it may be gone. */
export function owningModel(object: KubernetesObject): OwnerReference | undefined {
  const owner = controllerOf(object);
  return owner?.kind === inferenceModels.kind && owner.apiVersion.startsWith(`${group}/`) ? owner : undefined;
}

/** Says that another owner has the name of a model's Service, and what to do about it. */
export function nameTaken(service: KnativeServiceObject): string {
  const fields = service.metadata.managedFields?.filter(({ subresource }) => !subresource) ?? [];
  const managers = [...new Set(fields.map(({ manager }) => manager))];
  const by = managers.length > 0 ? `, managed by ${managers.join(', ')}` : '';
  return `a Knative Service named ${service.metadata.name} exists and is not of this model${by}: delete it, or give the model another name`;
}

/**
 * Says that the Service of a deleted model is in the way. Kubernetes can forget it for good: its garbage collector does
 * not see a model that was deleted and made anew while it could not watch. The operator has no right to delete.
 */
export const leftBehind = ({ metadata: { name, namespace } }: KnativeServiceObject): string =>
  `the Knative Service of the deleted model ${name} is still there: Kubernetes deletes it, mostly within seconds; if it stays, "kubectl delete ksvc ${name} -n ${namespace}"`;
