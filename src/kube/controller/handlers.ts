import { type KubernetesObject, keyOf } from '../client/objects.ts';

/** Which keys to reconcile when an object changes. */
export type Mapper<T> = (object: T) => readonly string[];

/** The object's own key. */
export function ownKey(object: KubernetesObject): readonly string[] {
  return [keyOf(object.metadata)];
}
