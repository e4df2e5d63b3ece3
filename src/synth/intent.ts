import { annotations } from '#api/group.ts';
import type { InferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import { contentHash } from '#base/hash.ts';

/**
 * The hash of what the user wrote that makes the container. While it stays, the live revision stays: bounds of scale
 * and access act without a new one, and a newer operator or a changed cluster default does not make one either.
 */
export function intentOf(model: InferenceModel): string {
  const { scale, access: _, ...container } = model.spec;
  return contentHash(
    withoutEmpty({
      ...container,
      containerConcurrency: scale?.containerConcurrency,
      refresh: model.metadata.annotations?.[annotations.refresh],
    }),
  );
}

/** An empty list or map says as much as none; the API server turns one into the other as it likes. */
function withoutEmpty(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(withoutEmpty);
  const entries = Object.entries(value).map(([key, item]) => [key, withoutEmpty(item)] as const);
  return Object.fromEntries(entries.filter(([, item]) => !isEmpty(item)));
}

const isEmpty = (value: unknown) =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;
