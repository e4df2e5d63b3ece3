import type { KnativeServiceObject } from '#knative/objects.ts';
import { owningModel, type StoredModel } from './resources.ts';

/**
 * To whom the Knative Service that has the name of a model belongs. `ours`: to this very model. `left-behind`: to a
 * deleted one of the same name; Kubernetes will delete it too. `taken`: to somebody else.
 */
export type Holder = 'ours' | 'left-behind' | 'taken';

/** Where no model is known, as in what was saved without it, its name alone says that a Service is its own. */
export function holderOf(service: KnativeServiceObject, model: StoredModel | undefined): Holder {
  const owner = owningModel(service);
  if (owner?.name !== service.metadata.name) return 'taken';
  return model && owner.uid !== model.metadata.uid ? 'left-behind' : 'ours';
}

/** Says who holds the name of a model's Service, and what to do about it. */
export function nameTaken(service: KnativeServiceObject): string {
  const fields = service.metadata.managedFields?.filter(({ subresource }) => !subresource) ?? [];
  const managers = [...new Set(fields.map(({ manager }) => manager))];
  const by = managers.length > 0 ? `, managed by ${managers.join(', ')}` : '';
  return `a Knative Service named ${service.metadata.name} exists and is not of this model${by}: delete it, or give the model another name`;
}

/**
 * Says that the Service of a deleted model is in the way. Kubernetes can forget it for good: its garbage collector does
 * not see a model that was deleted and made anew while it could not watch. We have no right to delete.
 */
export const stillThere = ({ metadata: { name, namespace } }: KnativeServiceObject): string =>
  `the Knative Service of the deleted model ${name} is still there: Kubernetes deletes it, mostly within seconds; if it stays, "kubectl delete ksvc ${name} -n ${namespace}"`;
