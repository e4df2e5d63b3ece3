import type { InferenceModelSpec } from '#api/v1alpha1/spec.ts';
import { scaleAnnotationKeys, scaleAnnotations } from '#synth/scaling.ts';
import type { Change } from './changes.ts';
import type { Standing } from './standing.ts';

/** What a model's bounds of scale change on the revision that is live, which has them as annotations. */
export function boundsChanges(spec: InferenceModelSpec, { template, revisions }: Standing): Change[] {
  const live = revisions.find(({ name }) => name === template?.metadata?.name)?.annotations;
  const before = live ?? template?.metadata?.annotations ?? {};
  const after = scaleAnnotations(spec);
  return scaleAnnotationKeys
    .filter((key) => before[key] !== after[key])
    .map((path) => ({ path, before: before[path], after: after[path] }));
}
