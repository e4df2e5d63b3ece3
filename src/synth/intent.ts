import { annotations } from '../api/group.ts';
import type { InferenceModel } from '../api/inferencemodel.ts';
import { contentHash } from './hash.ts';

/**
 * The hash of what the user wrote that makes the container. While it stays, the live revision stays: bounds of scale
 * and access act without a new one, and a newer operator or a changed cluster default does not make one either.
 */
export function intentOf(model: InferenceModel): string {
  const { scale, access: _, ...container } = model.spec;
  return contentHash({
    ...container,
    containerConcurrency: scale?.containerConcurrency,
    refresh: model.metadata.annotations?.[annotations.refresh],
  });
}
