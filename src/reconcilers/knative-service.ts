import { annotations, fieldManager } from '../api/group.ts';
import type { Writer } from '../kube/client.ts';
import { covers } from '../kube/drift.ts';
import { controllerOf, keyOf } from '../kube/objects.ts';
import { Unseen } from '../kube/unseen.ts';
import type { KnativeServiceObject } from '../status/observed.ts';
import { contentHash } from '../synth/hash.ts';
import type { KnativeServiceManifest } from '../synth/knative-service.ts';
import { owningModel, type StoredModel, serviceResource } from './resources.ts';

/** Whether the Service is the one that this very model owns. */
export const isOurs = (service: KnativeServiceObject, model: StoredModel) =>
  controllerOf(service)?.uid === model.metadata.uid;

/** Whether the Service is that of a deleted model of this name: Kubernetes will delete it too. */
export const isLeftBehind = (service: KnativeServiceObject) =>
  owningModel(service)?.name === service.metadata.name;

/** Says who holds the name of a model's Service, and what to do about it. */
export function nameTaken(service: KnativeServiceObject): string {
  const fields = service.metadata.managedFields?.filter(({ subresource }) => !subresource) ?? [];
  const managers = [...new Set(fields.map(({ manager }) => manager))];
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
  seen(service: KnativeServiceObject): void {
    this.#unseen.seen(service);
  }

  /**
   * Applies the manifest where the live Service, which must be ours, differs from it. By force only onto that very
   * Service: fields of a stranger's are never taken.
   *
   * @throws ApiError, also where somebody else's Service has the name and no watch has told yet
   */
  async apply(
    manifest: KnativeServiceManifest,
    live: KnativeServiceObject | undefined,
    signal: AbortSignal,
  ): Promise<'created' | 'changed' | undefined> {
    const key = keyOf(manifest.metadata);
    const hash = contentHash(manifest);
    const object = marked(manifest, hash, live?.metadata.uid);
    const unseen = this.#unseen.get(key);
    if (unseen === hash || covers(live, object)) return undefined;
    await this.#unseen.write(key, hash, () =>
      this.#client.apply(serviceResource, object, { fieldManager, force: live !== undefined, signal }),
    );
    return live || unseen ? 'changed' : 'created';
  }
}

/**
 * With the hash of the manifest in it: a field that we stopped writing shows in no comparison of fields. And with the
 * uid of the live Service, so that the API server refuses to write to another one.
 */
function marked(manifest: KnativeServiceManifest, hash: string, uid: string | undefined) {
  const annotated = { ...manifest.metadata.annotations, [annotations.applied]: hash };
  return { ...manifest, metadata: { ...manifest.metadata, ...(uid && { uid }), annotations: annotated } };
}
