import { controllerOf, type KubernetesObject, keyOf } from './objects.ts';

/** Which keys to reconcile when an object changes. */
export type Mapper<T> = (object: T) => readonly string[];

/** The object's own key. */
export function ownKey(object: KubernetesObject): readonly string[] {
  return [keyOf(object.metadata)];
}

/** The key of the controlling owner, if it is of this kind (of any version of the group). */
export function ownerKey(group: string, kind: string): Mapper<KubernetesObject> {
  return (object) => {
    const owner = controllerOf(object);
    if (owner?.kind !== kind || !owner.apiVersion.startsWith(`${group}/`)) return [];
    const { namespace } = object.metadata;
    return [keyOf({ ...(namespace !== undefined && { namespace }), name: owner.name })];
  };
}
