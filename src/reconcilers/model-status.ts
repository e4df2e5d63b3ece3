import { isDeepStrictEqual } from 'node:util';
import { apiVersion, fieldManager, inferenceModels } from '../api/group.ts';
import type { InferenceModelStatus } from '../api/status.ts';
import type { Writer } from '../kube/client.ts';
import { keyOf } from '../kube/objects.ts';
import { Unseen } from '../kube/unseen.ts';
import { modelResource, type StoredModel } from './resources.ts';

/** Writes the status of models, and only what has changed. */
export class ModelStatusWriter {
  readonly #client: Writer;
  readonly #unseen = new Unseen<InferenceModelStatus>();

  constructor(client: Writer) {
    this.#client = client;
  }

  /** Must be called for each change of a model that the watch brings. */
  seen(model: StoredModel): void {
    this.#unseen.seen(model);
  }

  /** The status that was written last, as far as is known. */
  last(model: StoredModel): InferenceModelStatus | undefined {
    return this.#unseen.get(keyOf(model.metadata)) ?? (model.status as InferenceModelStatus | undefined);
  }

  /**
   * The API server checks no uid here: a new model that took the name of this one gets its status, until the
   * reconcile of the new one, which comes next.
   *
   * @throws ApiError
   */
  async apply(model: StoredModel, status: InferenceModelStatus, signal: AbortSignal): Promise<boolean> {
    if (isDeepStrictEqual(status, this.last(model))) return false;
    const { name, namespace } = model.metadata;
    const object = { apiVersion, kind: inferenceModels.kind, metadata: { name, namespace }, status };
    await this.#unseen.write(keyOf(model.metadata), status, () =>
      this.#client.applyStatus(modelResource, object, { fieldManager, force: true, signal }),
    );
    return true;
  }
}
