import { InvalidObjectError } from '#api/schema/parse.ts';
import { type InferenceProfile, parseInferenceProfile } from '#api/v1alpha1/profile.ts';
import { type InferenceRuntime, parseInferenceRuntime } from '#api/v1alpha1/runtime.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';

/** The runtimes of a cluster that this version can read. */
export const runtimesOf: (objects: readonly KubernetesObject[]) => InferenceRuntime[] =
  makeReader(parseInferenceRuntime);

/** The profiles of a cluster that this version can read. */
export const profilesOf: (objects: readonly KubernetesObject[]) => InferenceProfile[] =
  makeReader(parseInferenceProfile);

/**
 * Reads objects that are data. One that cannot be read is left out: it must not stand in the way of models that do not use
 * it. Objects of a store are frozen, so what came of one stays true for as long as it lives.
 */
function makeReader<T>(parse: (object: unknown) => T) {
  const known = new WeakMap<KubernetesObject, T | undefined>();
  const read = (object: KubernetesObject): T | undefined => {
    try {
      return parse(object);
    } catch (error) {
      if (error instanceof InvalidObjectError) return undefined;
      throw error;
    }
  };
  return (objects: readonly KubernetesObject[]): T[] => {
    for (const object of objects) if (!known.has(object)) known.set(object, read(object));
    return objects.map((object) => known.get(object)).filter((found) => found !== undefined);
  };
}
