import { annotations, fieldManager } from '../api/group.ts';
import type { InferenceModel } from '../api/inferencemodel.ts';
import type { Writer } from '../kube/client.ts';
import { covers } from '../kube/drift.ts';
import { controllerOf, keyOf } from '../kube/objects.ts';
import { Unseen } from '../kube/unseen.ts';
import type { KnativeServiceObject } from '../status/observed.ts';
import { contentHash } from '../synth/hash.ts';
import type { KnativeServiceManifest } from '../synth/knative-service.ts';
import { serviceResource } from './resources.ts';

/** Whether the Service is the one that this very model owns. */
export const isOurs = (service: KnativeServiceObject, model: InferenceModel) =>
  controllerOf(service)?.uid === model.metadata.uid;

/** Says who holds the name of a model's Service, and what to do about it. */
export function nameTaken(service: KnativeServiceObject): string {
  const managers = [...new Set(service.metadata.managedFields?.map(({ manager }) => manager))];
  const by = managers.length > 0 ? `, managed by ${managers.join(', ')}` : '';
  return `a Knative Service named ${service.metadata.name} exists and is not of this model${by}: delete it, or give the model another name`;
}

/** Writes Knative Services, and only what has changed. */
export class KnativeServiceWriter {
  readonly #client: Writer;
  readonly #unseen = new Unseen<string>();

  constructor(client: Writer) {
    this.#client = client;
  }

  /** Must be called for each change of a Service that the watch brings. */
  seen(key: string): void {
    this.#unseen.seen(key);
  }

  /**
   * Applies the manifest where the live Service differs from it. By force only where the Service is known to be ours:
   * fields of a stranger's are never taken.
   *
   * @throws ApiError
   */
  async apply(
    manifest: KnativeServiceManifest,
    live: KnativeServiceObject | undefined,
    signal: AbortSignal,
  ): Promise<boolean> {
    const marked = withHash(manifest);
    const key = keyOf(manifest.metadata);
    const hash = marked.metadata.annotations[annotations.applied];
    if (hash === undefined || this.#unseen.get(key) === hash || covers(live, marked)) return false;
    await this.#client.apply(serviceResource, marked, { fieldManager, force: live !== undefined, signal });
    this.#unseen.wrote(key, hash);
    return true;
  }
}

/** With the hash of the manifest in it: a field that we stopped writing shows in no comparison of fields. */
function withHash(manifest: KnativeServiceManifest) {
  const hashed = { ...manifest.metadata.annotations, [annotations.applied]: contentHash(manifest) };
  return { ...manifest, metadata: { ...manifest.metadata, annotations: hashed } };
}
