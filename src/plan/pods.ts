import type { InferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import type { Capabilities } from '#knative/capabilities.ts';
import type { Environment } from '#synth/environment.ts';
import { type Amounts, plus, podRequests, queueProxyRequests, times } from './amounts.ts';
import type { Change } from './changes.ts';
import type { LiveModel } from './live-model.ts';

/** The pods that run, or those of them that another revision replaces; undefined where that is not known. */
export function podsOf({ revisions, template }: LiveModel, except?: string): number | undefined {
  if (template && revisions.length === 0) return undefined;
  if (revisions.some(({ pods }) => pods === undefined)) return undefined;
  return revisions.filter(({ name }) => name !== except).reduce((sum, { pods = 0 }) => sum + pods, 0);
}

/** What all pods of a model request now; undefined where their number is not known. */
export function requestedBy(current: LiveModel, capabilities: Capabilities): Amounts | undefined {
  if (podsOf(current) === undefined) return undefined;
  const { spec, metadata } = current.template ?? {};
  return plus(
    ...current.revisions.map((revision) =>
      times(
        podRequests(
          revision.spec ?? spec,
          queueProxyRequests(capabilities, revision.annotations ?? metadata?.annotations),
        ),
        revision.pods ?? 0,
      ),
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
  { revisions, template }: LiveModel,
  bounds: readonly Change[],
): number {
  const minPods = Math.max(scale.minReplicas, autoscaler['min-scale']);
  const existing = revisions.find(({ name }) => name === revision);
  if (template?.metadata?.name === revision) {
    const raised = bounds.find(({ path }) => path === minScale);
    if (!raised) return 0;
    return Math.max(0, minPods - (existing?.pods ?? Number(raised.before ?? autoscaler['min-scale'])));
  }
  if (existing) return Math.max(0, minPods - (existing.pods ?? 0));
  return Math.max(minPods, scale.initialReplicas ?? autoscaler['initial-scale']);
}

const minScale = 'autoscaling.knative.dev/min-scale';
