import { annotations } from '#api/group.ts';
import type { InferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import { contentHash } from '#base/hash.ts';
import type { KnativeServiceObject } from '#knative/objects.ts';
import { isSubset } from '#kube/client/objects.ts';
import type { KnativeServiceManifest } from '#synth/knative-service.ts';
import type { Precondition, ServiceWrite } from './write.ts';

/** A version that no object has, since etcd counts on from it: an apply with it creates, or fails with a conflict. */
const noVersion = '1';

/** The apply that makes the live Service, which must be of this model, what it should be; none where it is. */
export function serviceWrites(
  { metadata }: InferenceModel,
  desired: KnativeServiceManifest,
  live: KnativeServiceObject | undefined,
): ServiceWrite[] {
  const hash = contentHash(desired);
  const annotated = {
    ...desired.metadata.annotations,
    // A field that is no longer written shows in no comparison of fields; the hash does.
    [annotations.applied]: hash,
    ...(metadata.generation !== undefined && { [annotations.generation]: String(metadata.generation) }),
  };
  const manifest = { ...desired, metadata: { ...desired.metadata, annotations: annotated } };
  if (isSubset(live, manifest)) return [];
  const precondition = preconditionOf(manifest, live);
  return [
    {
      type: 'service',
      manifest: { ...manifest, metadata: { ...manifest.metadata, ...precondition } },
      exists: precondition.uid !== undefined,
    },
  ];
}

/**
 * Without a known Service the apply must create one: one that was made for a deleted model of this name would serve
 * that model's revision. A known one must be that very object; and unchanged since, where what runs would change: a
 * cache that lags must not bring an older template back.
 */
function preconditionOf(
  { spec }: KnativeServiceManifest,
  live: KnativeServiceObject | undefined,
): Precondition {
  if (live === undefined) return { resourceVersion: noVersion };
  const { uid, resourceVersion } = live.metadata;
  return { ...(uid && { uid }), ...(!isSubset(live.spec, spec) && resourceVersion && { resourceVersion }) };
}
