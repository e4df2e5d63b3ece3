import type { InferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import type { Environment } from '#synth/environment.ts';
import { type Amounts, plus, podRequests, times } from './amounts.ts';
import type { Change } from './changes.ts';
import type { Standing } from './standing.ts';

/** The pods that run, or those of them that another revision replaces; nothing where nobody knows. */
export function podsOf({ revisions, template }: Standing, except?: string): number | undefined {
  if (template && revisions.length === 0) return undefined;
  if (revisions.some(({ pods }) => pods === undefined)) return undefined;
  return revisions.filter(({ name }) => name !== except).reduce((sum, { pods = 0 }) => sum + pods, 0);
}

/** What all pods of a model request now; nothing where nobody knows how many there are. */
export function requestedBy(standing: Standing, sidecar: Amounts): Amounts | undefined {
  if (podsOf(standing) === undefined) return undefined;
  const spec = standing.template?.spec;
  return plus(
    ...standing.revisions.map((revision) =>
      times(podRequests(revision.spec ?? spec, sidecar), revision.pods ?? 0),
    ),
  );
}

/**
 * A new revision starts with as many pods as it must have before it serves, one that exists sleeps on if it may.
 * Either has as many as its bounds ask for; those of a live one may have changed.
 */
export function podsStarting(
  { spec: { scale } }: InferenceModel,
  revision: string,
  { capabilities: { autoscaler } }: Pick<Environment, 'capabilities'>,
  { revisions, template }: Standing,
  bounds: readonly Change[],
): number {
  const least = scale?.min ?? autoscaler['min-scale'];
  const existing = revisions.find(({ name }) => name === revision);
  if (template?.metadata?.name === revision) {
    const raised = bounds.find(({ path }) => path === minScale);
    if (!raised) return 0;
    return Math.max(0, least - (existing?.pods ?? Number(raised.before ?? autoscaler['min-scale'])));
  }
  if (existing) return Math.max(0, least - (existing.pods ?? 0));
  return Math.max(least, scale?.initial ?? autoscaler['initial-scale']);
}

const minScale = 'autoscaling.knative.dev/min-scale';
