import type { InferenceModelSpec } from '#api/v1alpha1/spec.ts';
import { liveScaleAnnotations, liveScaleKeys } from '#synth/scaling.ts';
import type { Change } from './changes.ts';
import type { LiveModel } from './live-model.ts';

/** The annotations of a Revision that exists: those of the template where only that is known. None of one that does not. */
export function annotationsOf(
  revision: string | undefined,
  { template, revisions }: LiveModel,
): Readonly<Record<string, string>> | undefined {
  const isLive = template?.metadata?.name === revision;
  const existing = revisions.find(({ name }) => name === revision);
  return existing?.annotations ?? (isLive ? template?.metadata?.annotations : undefined);
}

/** What a model's bounds of scale change on a Revision that exists, which has them as annotations. */
export function boundsChanges(spec: InferenceModelSpec, revision: string, current: LiveModel): Change[] {
  const before = annotationsOf(revision, current);
  if (!before) return [];
  const after = liveScaleAnnotations(spec);
  return liveScaleKeys
    .filter((key) => before[key] !== after[key])
    .map((path) => ({ path, before: before[path], after: after[path] }));
}
