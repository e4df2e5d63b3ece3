import { annotations, fieldManager } from '#api/group.ts';
import { contentHash } from '#base/hash.ts';
import type { KnativeServiceObject } from '#knative/objects.ts';
import { serviceResource } from '#knative/objects.ts';
import type { Writer } from '#kube/client/client.ts';
import { covers } from '#kube/client/drift.ts';
import { isRejected } from '#kube/client/errors.ts';
import { controllerOf, keyOf } from '#kube/client/objects.ts';
import { Expectations } from '#kube/controller/expectations.ts';
import type { KnativeServiceManifest } from '#synth/knative-service.ts';
import type { Template } from '#synth/template.ts';
import type { StoredModel } from './resources.ts';

interface Written {
  readonly hash: string;
  /** The uid of the model. */
  readonly owner: string | undefined;
  /** That of the Service, once it is known. */
  uid?: string | undefined;
}

/** Writes Knative Services, and only what has changed. */
export class KnativeServiceWriter {
  readonly #client: Writer;
  readonly #expectations = new Expectations<Written>();
  /** What was sent and may have arrived, until the watch brings it. */
  readonly #sent = new Map<string, KnativeServiceManifest>();

  constructor(client: Writer) {
    this.#client = client;
  }

  /** Must be called for each change of a Service that the watch brings. */
  seen(service: KnativeServiceObject): void {
    this.#expectations.observed(service);
    const key = keyOf(service.metadata);
    const name = this.#sent.get(key)?.spec.template.metadata.name;
    if (name !== undefined && service.spec?.template?.metadata?.name === name) this.#sent.delete(key);
  }

  /** The template last sent for this very model, if the watch has not brought it: the cache may have one before it. */
  sent({ metadata }: Pick<StoredModel, 'metadata'>): Template | undefined {
    const sent = this.#sent.get(keyOf(metadata));
    return sent && controllerOf(sent)?.uid === metadata.uid ? sent.spec.template : undefined;
  }

  /** The cache holds all that exists: what was written and is not there is gone. Gives the keys of what was waited for. */
  relisted(): string[] {
    this.#sent.clear();
    return this.#expectations.forget();
  }

  /**
   * Applies the manifest where the live Service, which must be ours, differs from it. By force only onto that very
   * Service: fields of a stranger's are never taken. Without a live one it makes a new one.
   *
   * @throws ApiError, also where another Service has the name and no watch has told yet
   */
  async apply(
    manifest: KnativeServiceManifest,
    live: KnativeServiceObject | undefined,
    signal: AbortSignal,
  ): Promise<'created' | 'changed' | undefined> {
    const key = keyOf(manifest.metadata);
    const written: Written = { hash: contentHash(manifest), owner: controllerOf(manifest)?.uid };
    const last = this.#expectations.get(key);
    // What was made for this very model is its own, though no watch has told of it yet.
    const known = live?.metadata.uid ?? (last?.owner === written.owner ? last?.uid : undefined);
    const object = marked(manifest, written.hash, known);
    if (last?.hash === written.hash || covers(live, object)) return undefined;
    this.#sent.set(key, manifest);
    try {
      await this.#expectations.write(key, written, async () => {
        const options = { fieldManager, force: live !== undefined, signal };
        const answer = await this.#client.apply(serviceResource, object, options);
        written.uid = answer.metadata.uid;
        return answer;
      });
    } catch (error) {
      if (isRejected(error)) this.#sent.delete(key);
      throw error;
    }
    return known ? 'changed' : 'created';
  }
}

/** A version that no object has, as etcd counts on from it. An apply with it makes an object, or fails with a conflict. */
const none = '1';

/**
 * With the hash of the manifest in it: a field that we stopped writing shows in no comparison of fields. And with the
 * uid of the live Service, so that the API server refuses to write to another one; or to any, where none was there: one
 * that we made for a deleted model of this name would serve that model's revision in the name of this one.
 */
function marked(manifest: KnativeServiceManifest, hash: string, uid: string | undefined) {
  const annotated = { ...manifest.metadata.annotations, [annotations.applied]: hash };
  const only = uid ? { uid } : { resourceVersion: none };
  return { ...manifest, metadata: { ...manifest.metadata, ...only, annotations: annotated } };
}
