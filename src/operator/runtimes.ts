import { InvalidObjectError } from '#api/schema/parse.ts';
import { type InferenceRuntime, parseInferenceRuntime } from '#api/v1alpha1/runtime.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';

/** Objects of a store are frozen, so what came of one stays true for as long as it lives. */
const known = new WeakMap<KubernetesObject, InferenceRuntime | undefined>();

/**
 * The runtimes of a cluster that this version understands. One that it does not is left out: it must not stand in the
 * way of models that do not use it.
 */
export function runtimesOf(objects: readonly KubernetesObject[]): InferenceRuntime[] {
  for (const object of objects) if (!known.has(object)) known.set(object, understood(object));
  return objects.map((object) => known.get(object)).filter((runtime) => runtime !== undefined);
}

function understood(object: KubernetesObject): InferenceRuntime | undefined {
  try {
    return parseInferenceRuntime(object);
  } catch (error) {
    if (error instanceof InvalidObjectError) return undefined;
    throw error;
  }
}
