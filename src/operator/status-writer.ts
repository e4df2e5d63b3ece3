import { isDeepStrictEqual } from 'node:util';
import { apiVersion, fieldManager, inferenceModels } from '#api/group.ts';
import type { InferenceModelStatus } from '#api/v1alpha1/status.ts';
import type { StoredModel } from '#decision/decide.ts';
import type { MutationCache } from '#kube/cache/mutation-cache.ts';
import type { Writer } from '#kube/client/client.ts';
import { keyOf } from '#kube/client/objects.ts';
import { modelResource } from './resources.ts';

/** A model that comes up changes several times a second: numbers and messages are written together. */
const coalesceMs = 1000;

/** Writes the status of models, and only what has changed. */
export class StatusWriter {
  readonly #client: Writer;
  readonly #models: MutationCache<StoredModel>;
  /** When changes that could wait must be written at last. */
  readonly #due = new Map<string, number>();

  constructor(client: Writer, models: MutationCache<StoredModel>) {
    this.#client = client;
    this.#models = models;
  }

  /** Must be called when the model is gone. */
  forget(key: string): void {
    this.#due.delete(key);
  }

  /**
   * The API server checks no uid here: a new model that took the name of this one gets its status, until the
   * reconcile of the new one, which comes next.
   *
   * @param now milliseconds of a monotonic clock
   * @returns milliseconds after which to ask again, for changes that can wait for more to come
   * @throws ApiError
   */
  async apply(
    model: StoredModel,
    status: InferenceModelStatus,
    now: number,
    signal: AbortSignal,
  ): Promise<number | undefined> {
    const key = keyOf(model.metadata);
    const last = model.status as InferenceModelStatus | undefined;
    const due = this.#due.get(key) ?? now + coalesceMs;
    this.#due.delete(key);
    if (isDeepStrictEqual(status, last)) return undefined;
    const left = due - now;
    if (left > 0 && !isUrgent(last, status)) {
      this.#due.set(key, due);
      return left;
    }
    const { name, namespace } = model.metadata;
    const object = { apiVersion, kind: inferenceModels.kind, metadata: { name, namespace }, status };
    await this.#models.write(key, () =>
      this.#client.applyStatus<StoredModel>(modelResource, object, { fieldManager, force: true, signal }),
    );
    return undefined;
  }
}

/** Whether people or programs may be waiting for it: a state or the status of a condition has changed. */
function isUrgent(before: InferenceModelStatus | undefined, after: InferenceModelStatus): boolean {
  const verdicts = ({ state, observedGeneration, conditions = [] }: InferenceModelStatus) => [
    state,
    observedGeneration,
    ...conditions.map(({ type, status }) => `${type}=${status}`),
  ];
  return !before || !isDeepStrictEqual(verdicts(before), verdicts(after));
}
