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
  seen(key: string): void {
    this.#unseen.seen(key);
  }

  /** The status that was written last, as far as is known. */
  last(model: StoredModel): InferenceModelStatus | undefined {
    return this.#unseen.get(keyOf(model.metadata)) ?? (model.status as InferenceModelStatus | undefined);
  }

  /** @throws ApiError; a conflict where a new model of the same name took the place of this one */
  async apply(model: StoredModel, status: InferenceModelStatus, signal: AbortSignal): Promise<boolean> {
    if (isDeepStrictEqual(status, this.last(model))) return false;
    const { name, namespace, uid } = model.metadata;
    const object = { apiVersion, kind: inferenceModels.kind, metadata: { name, namespace, uid }, status };
    await this.#client.applyStatus(modelResource, object, { fieldManager, force: true, signal });
    this.#unseen.wrote(keyOf(model.metadata), status);
    return true;
  }
}
