import { fieldManager } from '#api/group.ts';
import type { StoredModel } from '#decision/decide.ts';
import type { ScaleWrite, ServiceWrite, Write } from '#decision/write.ts';
import {
  type KnativeServiceObject,
  type RevisionObject,
  revisionResource,
  serviceResource,
} from '#knative/objects.ts';
import type { MutationCache } from '#kube/cache/mutation-cache.ts';
import type { Writer } from '#kube/client/client.ts';
import { isNotFound, isRejected } from '#kube/client/errors.ts';
import { controllerOf, keyOf } from '#kube/client/objects.ts';
import type { ModelEvent } from '#status/events.ts';
import type { KnativeServiceManifest } from '#synth/knative-service.ts';

export interface DecisionWriterOptions {
  readonly client: Writer;
  readonly services: MutationCache<KnativeServiceObject>;
  readonly revisions: MutationCache<RevisionObject>;
}

/** Carries out the writes of decisions, and says as Events what it did. */
export class DecisionWriter {
  readonly #client: Writer;
  readonly #services: MutationCache<KnativeServiceObject>;
  readonly #revisions: MutationCache<RevisionObject>;
  /** Services that were sent and may have arrived, where no answer came. */
  readonly #unanswered = new Map<string, KnativeServiceManifest>();

  constructor({ client, services, revisions }: DecisionWriterOptions) {
    this.#client = client;
    this.#services = services;
    this.#revisions = revisions;
  }

  /** The Service last sent for this very model whose answer was lost, until it is sent again or the watch brings one. */
  unanswered({ metadata }: Pick<StoredModel, 'metadata'>): KnativeServiceManifest | undefined {
    const sent = this.#unanswered.get(keyOf(metadata));
    return sent && controllerOf(sent)?.uid === metadata.uid ? sent : undefined;
  }

  /** Must be called for each change of a Service that the watch brings. */
  observe(service: KnativeServiceObject): void {
    const key = keyOf(service.metadata);
    const sent = this.#unanswered.get(key)?.spec.template.metadata.name;
    if (sent !== undefined && service.spec?.template?.metadata?.name === sent) this.#unanswered.delete(key);
  }

  /** Must be called when the cache of Services was listed anew: what is not in it never arrived, or is gone. */
  onRelist(): string[] {
    const keys = [...this.#unanswered.keys(), ...this.#services.forget()];
    this.#unanswered.clear();
    return keys;
  }

  /** @throws ApiError, or ConnectionError where no answer came */
  carryOut(write: Write, signal: AbortSignal): Promise<ModelEvent | undefined> {
    switch (write.type) {
      case 'service':
        return this.#applyService(write, signal);
      case 'scale':
        return this.#patchScale(write, signal);
    }
  }

  async #applyService({ manifest, exists }: ServiceWrite, signal: AbortSignal): Promise<ModelEvent> {
    const key = keyOf(manifest.metadata);
    this.#unanswered.set(key, manifest);
    try {
      // By force only onto a Service that is known to be of this model: fields of another owner are never taken.
      const options = { fieldManager, force: exists, signal };
      await this.#services.write(key, () =>
        this.#client.apply<KnativeServiceObject>(serviceResource, manifest, options),
      );
      this.#unanswered.delete(key);
    } catch (error) {
      if (isRejected(error)) this.#unanswered.delete(key);
      throw error;
    }
    const done = exists ? 'changed' : 'created';
    return {
      type: 'Normal',
      reason: exists ? 'Updated' : 'Created',
      action: 'Apply',
      note: `${done} the Knative Service, with revision ${manifest.spec.template.metadata.name}`,
    };
  }

  async #patchScale(
    { revision, annotations }: ScaleWrite,
    signal: AbortSignal,
  ): Promise<ModelEvent | undefined> {
    const patch = { metadata: { annotations } };
    try {
      await this.#revisions.write(keyOf(revision.metadata), () =>
        this.#client.patch<RevisionObject>(revisionResource, revision.metadata, patch, {
          fieldManager,
          signal,
        }),
      );
    } catch (error) {
      // Knative's garbage collector may take a Revision at any time; the watch will tell.
      if (isNotFound(error)) return undefined;
      throw error;
    }
    return {
      type: 'Normal',
      reason: 'ScaleChanged',
      action: 'Apply',
      note: `changed the bounds of scale of the live revision ${revision.metadata.name}`,
    };
  }
}
