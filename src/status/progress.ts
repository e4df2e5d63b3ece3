import type { RevisionStatus } from '#api/v1alpha1/status.ts';
import { revisionLabel } from '#knative/names.ts';
import { conditionOf, type KnativeCondition, type Observed } from '#knative/objects.ts';
import type { Finding } from './conditions.ts';
import type { Outcome } from './outcome.ts';
import { failureOf } from './pods.ts';

/** Ready, and what kstatus reads beside it: Reconciling while work is under way, Stalled when only the user can help. */
export function progress(
  outcome: Outcome,
  { service, revisions: all, pods }: Observed,
  revisions: readonly RevisionStatus[],
): Finding[] {
  if (outcome.type === 'refused') return stalled(outcome.reason, outcome.message);
  if (outcome.type === 'blocked') return reconciling(outcome.reason, outcome.message);
  if (outcome.type === 'failed') return reconciling('ApplyFailed', outcome.message);
  const { revision } = outcome;
  const found = all.find(({ metadata }) => metadata.name === revision);
  const verdict = conditionOf(found, 'Ready');
  const ready = verdict?.status === 'True';
  const { percent = 0, replicas = 0 } = revisions.find(({ name }) => name === revision) ?? {};
  const failure = failureOf(pods.filter(({ metadata }) => metadata.labels?.[revisionLabel] === revision));
  if (verdict?.status === 'False') {
    const reason = failure?.reason ?? verdict.reason ?? 'RevisionFailed';
    return stalled(reason, failure?.message ?? verdict.message ?? 'the revision failed');
  }
  // A pod that fails beside others that serve takes nothing from the model.
  if (failure && !(ready && replicas > 0)) return reconciling(failure.reason, failure.message);

  // A Service as it was before this revision was applied, or that Knative has not acted on yet, says nothing of it.
  const current =
    service?.spec?.template?.metadata?.name === revision &&
    service.metadata.generation === service.status?.observedGeneration;
  const configured = current ? conditionOf(service, 'ConfigurationsReady') : undefined;
  const routed = current ? conditionOf(service, 'RoutesReady') : undefined;
  if (ready && percent === 100 && routed?.status === 'True')
    return [{ type: 'Ready', status: 'True', reason: 'Serving', message: `revision ${revision} serves` }];
  if (ready) return waiting(routed, 'RouteNotReady', `revision ${revision} is ready, its route is not`);
  return waiting(found ? undefined : configured, 'RevisionStarting', `revision ${revision} is starting`);
}

/** Waiting for Knative to do its next step; in its own words where it says that it cannot. */
function waiting(step: KnativeCondition | undefined, reason: string, message: string): Finding[] {
  return step?.status === 'False'
    ? reconciling(step.reason ?? reason, step.message ?? message)
    : reconciling(reason, message);
}

const stalled = (reason: string, message: string): Finding[] => [
  { type: 'Ready', status: 'False', reason, message },
  { type: 'Stalled', status: 'True', reason, message },
];

const reconciling = (reason: string, message: string): Finding[] => [
  { type: 'Ready', status: 'False', reason, message },
  { type: 'Reconciling', status: 'True', reason, message },
];
