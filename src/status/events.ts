import type { ConditionType } from '#api/v1alpha1/conditions.ts';
import type { Condition, InferenceModelStatus } from '#api/v1alpha1/status.ts';
import { conditionOf } from '#knative/objects.ts';

/** Something that happened to a model, as a Kubernetes Event. */
export interface ModelEvent {
  readonly type: 'Normal' | 'Warning';
  /** A CamelCase word. */
  readonly reason: string;
  /** What the operator was doing. */
  readonly action: string;
  readonly note: string;
}

type Status = InferenceModelStatus | undefined;

/** The Events of a change from one status of a model to the next; none where nothing changed. */
export function statusEvents(before: Status, after: Status): ModelEvent[] {
  const events: ModelEvent[] = [];
  const accepted = turned(before, after, 'Accepted');
  if (accepted?.status === 'False') events.push(warning('Refused', 'Synthesize', accepted));
  const isRefused = condition(after, 'Accepted')?.status === 'False';
  const stalled = turned(before, after, 'Stalled');
  if (stalled?.status === 'True' && !isRefused) events.push(warning('RolloutFailed', 'Observe', stalled));
  const reconciling = turned(before, after, 'Reconciling');
  if (reconciling?.reason === 'ApplyFailed') events.push(warning('ApplyFailed', 'Apply', reconciling));
  else if (reconciling && after?.state === 'Failed') events.push(warning('Failing', 'Observe', reconciling));
  const available = turned(before, after, 'Available');
  if (available?.status === 'False' && condition(before, 'Available')?.status === 'True')
    events.push(warning('Unavailable', 'Observe', available));
  const ready = condition(after, 'Ready');
  if (ready?.status === 'True' && (after?.restarts ?? 0) > (before?.restarts ?? 0))
    events.push({ type: 'Warning', reason: 'Restarted', action: 'Observe', note: ready.message });
  if (turned(before, after, 'Ready')?.status === 'True')
    events.push({ type: 'Normal', reason: 'Ready', action: 'Observe', note: ready?.message ?? '' });
  return events;
}

const condition = (status: Status, type: ConditionType) => conditionOf({ status }, type);

/**
 * The condition as it is now, if its status or reason is new. A new message alone makes no Event: it may count
 * attempts.
 */
function turned(before: Status, after: Status, type: ConditionType): Condition | undefined {
  const [old, now] = [condition(before, type), condition(after, type)];
  return now && (now.status !== old?.status || now.reason !== old?.reason) ? now : undefined;
}

const warning = (reason: string, action: string, { reason: why, message }: Condition): ModelEvent => ({
  type: 'Warning',
  reason,
  action,
  note: why === reason ? message : `${why}: ${message}`,
});
