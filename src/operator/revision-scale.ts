import { fieldManager } from '#api/group.ts';
import type { InferenceModelSpec } from '#api/v1alpha1/spec.ts';
import type { RevisionObject } from '#knative/objects.ts';
import { revisionResource } from '#knative/objects.ts';
import type { Writer } from '#kube/client/client.ts';
import { keyOf } from '#kube/client/objects.ts';
import { Expectations } from '#kube/controller/expectations.ts';
import { scaleAnnotationKeys, scaleAnnotations } from '#synth/scaling.ts';

/**
 * Writes the bounds of scale onto live Revisions. Knative (0.48 and newer) takes them from there to the autoscaler:
 * no new revision, no new pod.
 */
export class RevisionScaleWriter {
  readonly #client: Writer;
  readonly #expectations = new Expectations<string>();

  constructor(client: Writer) {
    this.#client = client;
  }

  /** Must be called for each change of a Revision that the watch brings. */
  seen(revision: RevisionObject): void {
    this.#expectations.observed(revision);
  }

  /** @throws ApiError */
  async apply(spec: InferenceModelSpec, revision: RevisionObject, signal: AbortSignal): Promise<boolean> {
    const changes = changesOf(spec, revision);
    const key = keyOf(revision.metadata);
    const content = JSON.stringify(changes);
    if (Object.keys(changes).length === 0 || this.#expectations.get(key) === content) return false;
    const patch = { metadata: { annotations: changes } };
    await this.#expectations.write(key, content, () =>
      this.#client.patch(revisionResource, revision.metadata, patch, { fieldManager, signal }),
    );
    return true;
  }
}

/** The annotations to change, as a merge patch has them: null takes one away. */
function changesOf(spec: InferenceModelSpec, { metadata }: RevisionObject): Record<string, string | null> {
  const wanted = scaleAnnotations(spec);
  const changed = scaleAnnotationKeys.filter((key) => wanted[key] !== metadata.annotations?.[key]);
  return Object.fromEntries(changed.map((key) => [key, wanted[key] ?? null]));
}
