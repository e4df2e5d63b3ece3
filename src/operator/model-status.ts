import { isDeepStrictEqual } from 'node:util';
import { apiVersion, fieldManager, inferenceModels } from '#api/group.ts';
import type { InferenceModelStatus } from '#api/v1alpha1/status.ts';
import type { Writer } from '#kube/client/client.ts';
import { keyOf } from '#kube/client/objects.ts';
import { Expectations } from '#kube/controller/expectations.ts';
import { modelResource, type StoredModel } from './resources.ts';

/** A model that comes up has news several times a second: numbers and messages are written together. */
const patienceMs = 1000;

/** Writes the status of models, and only what has changed. */
export class ModelStatusWriter {
  readonly #client: Writer;
  readonly #expectations = new Expectations<InferenceModelStatus>();
  /** When news that could wait must be written at last. */
  readonly #due = new Map<string, number>();

  constructor(client: Writer) {
    this.#client = client;
  }

  /** Must be called for each change of a model that the watch brings. */
  seen(model: StoredModel): void {
    this.#expectations.observed(model);
  }

  /** The model is gone, and its news with it. */
  forget(key: string): void {
    this.#due.delete(key);
  }

  /** The status that was written last, as far as is known. */
  last(model: StoredModel): InferenceModelStatus | undefined {
    return (
      this.#expectations.get(keyOf(model.metadata)) ?? (model.status as InferenceModelStatus | undefined)
    );
  }

  /**
   * The API server checks no uid here: a new model that took the name of this one gets its status, until the
   * reconcile of the new one, which comes next.
   *
   * @param now milliseconds of a clock that only goes on
   * @returns milliseconds after which to ask again, for news that can wait for more to come
   * @throws ApiError
   */
  async apply(
    model: StoredModel,
    status: InferenceModelStatus,
    now: number,
    signal: AbortSignal,
  ): Promise<number | undefined> {
    const key = keyOf(model.metadata);
    const last = this.last(model);
    const due = this.#due.get(key) ?? now + patienceMs;
    this.#due.delete(key);
    if (isDeepStrictEqual(status, last)) return undefined;
    const left = due - now;
    if (left > 0 && !matters(last, status)) {
      this.#due.set(key, due);
      return left;
    }
    const { name, namespace } = model.metadata;
    const object = { apiVersion, kind: inferenceModels.kind, metadata: { name, namespace }, status };
    await this.#expectations.write(key, status, () =>
      this.#client.applyStatus(modelResource, object, { fieldManager, force: true, signal }),
    );
    return undefined;
  }
}

/** Whether people or programs may be waiting for it: a state or the status of a condition has changed. */
function matters(before: InferenceModelStatus | undefined, after: InferenceModelStatus): boolean {
  const verdicts = ({ state, observedGeneration, conditions = [] }: InferenceModelStatus) => [
    state,
    observedGeneration,
    ...conditions.map(({ type, status }) => `${type}=${status}`),
  ];
  return !before || !isDeepStrictEqual(verdicts(before), verdicts(after));
}
