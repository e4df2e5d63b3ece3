import type { InferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import type { RevisionObject } from '#knative/objects.ts';
import { liveScaleAnnotations, liveScaleKeys } from '#synth/scaling.ts';
import type { ScaleWrite } from './write.ts';

/**
 * Brings the bounds of scale to a live Revision. Knative (0.48 and newer) takes them from there to the autoscaler,
 * without a new revision or pod (serving `pkg/reconciler/revision/reconcile_resources.go`).
 */
export function scaleWrites({ spec }: InferenceModel, revision: RevisionObject): ScaleWrite[] {
  const wanted = liveScaleAnnotations(spec);
  const changed = liveScaleKeys.filter((key) => wanted[key] !== revision.metadata.annotations?.[key]);
  if (changed.length === 0) return [];
  const annotations = Object.fromEntries(changed.map((key) => [key, wanted[key] ?? null]));
  return [{ type: 'scale', revision, annotations }];
}
