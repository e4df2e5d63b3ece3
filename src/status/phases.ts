import type { Condition } from '#api/v1alpha1/status.ts';
import type { KnativeCondition } from '#knative/objects.ts';
import type { Facts } from './facts.ts';
import { causeInChain, causeInLog, isException } from './log-tail.ts';
import type { PodFailure } from './pods.ts';

/** How far a model is. Ready, Reconciling and Stalled are derived from it. */
export interface Phase {
  readonly ready: Condition['status'];
  /** Reconciling: work is under way. Stalled: only a change by the user can help. */
  readonly progress?: 'Reconciling' | 'Stalled';
  /** Whether it will not serve as it is, though Kubernetes may go on trying. */
  readonly isFailing?: true;
  readonly reason: string;
  /** The first sentence is the cause, the second what to do. */
  readonly message: string;
}

interface Row {
  /** When a model is in this phase, for readers. */
  readonly name: string;
  readonly of: (facts: Facts) => Phase | false | undefined;
}

/** The phases of a model: the first row that holds is its own. */
const rows: readonly Row[] = [
  {
    name: 'the spec is refused',
    of: ({ outcome }) => outcome.type === 'refused' && stalled(outcome.reason, outcome.message),
  },
  {
    name: 'another object must change first',
    of: ({ outcome }) => outcome.type === 'blocked' && reconciling(outcome.reason, outcome.message),
  },
  {
    name: 'writes fail',
    of: ({ outcome }) => outcome.type === 'failed' && reconciling('ApplyFailed', outcome.message),
  },
  {
    // Knative's Route wants a Service of this name for itself (serving `pkg/apis/serving/v1/route_lifecycle.go`, MarkServiceNotOwned).
    name: 'a Service of the core API has the name of the model',
    of: ({ routed, service }) =>
      routed?.status === 'False' &&
      routed.reason === 'NotOwned' &&
      stalled(
        'NameTaken',
        `a Service named ${service?.metadata.name} exists and is not of this model: delete it, or give the model another name`,
      ),
  },
  {
    name: 'the revision waits for a node, and a node may come',
    of: (facts) => {
      const cause = pendingOf(facts);
      if (!cause || isReady(facts) || isPastDeadline(facts)) return undefined;
      return reconciling('Unschedulable', cause);
    },
  },
  {
    name: 'the revision failed for good',
    of: (facts) => {
      const { verdict, service } = facts;
      if (verdict?.status !== 'False') return undefined;
      const { reason, message } = failureOf(facts) ?? lastCause(facts) ?? verdictOf(verdict);
      return stalled(reason, `${message}${advice}${service?.metadata.name}`);
    },
  },
  {
    name: 'pods of a revision that has never been ready fail',
    of: (facts) => {
      const failure = failureOf(facts);
      if (!failure || isReady(facts)) return undefined;
      return reconciling(failure.reason, failure.message, failure.kind === 'Failing');
    },
  },
  {
    name: 'the revision was ready before, and does not wake',
    of: (facts) => {
      const failure = failureOf(facts);
      if (!failure || facts.replicas > 0) return undefined;
      // A node may have to come, and a big model takes its time.
      if (failure.kind !== 'Failing' && !facts.pods.isOverdue) return undefined;
      return reconciling(failure.reason, failure.message, failure.kind === 'Failing');
    },
  },
  {
    name: 'the revision serves all requests, or would if any came',
    of: (facts) =>
      isReady(facts) &&
      facts.percent === 100 &&
      facts.routed?.status === 'True' && { ready: 'True', reason: 'Serving', message: servingMessage(facts) },
  },
  {
    name: 'the revision is ready, and requests go elsewhere',
    of: (facts) => {
      if (!isReady(facts)) return undefined;
      const { routed, revision } = facts;
      if (routed?.status === 'False')
        return reconciling(routed.reason ?? 'RouteNotReady', routed.message ?? 'the route is not ready');
      return reconciling('RouteNotReady', `revision ${revision} is ready, its route is not`);
    },
  },
  {
    name: 'there is no revision yet, and Knative says why',
    of: ({ exists, configured }) =>
      !exists &&
      configured?.status === 'False' &&
      reconciling(configured.reason ?? 'RevisionStarting', configured.message ?? 'Knative makes no revision'),
  },
  {
    name: 'the pod of the revision is gone, and had a cause',
    of: (facts) => {
      const cause = facts.exists && facts.pods.count === 0 && lastCause(facts);
      return cause && reconciling(cause.reason, cause.message, facts.before?.state === 'Failed');
    },
  },
  {
    name: 'the revision starts',
    of: ({ revision }) => reconciling('RevisionStarting', `revision ${revision} is starting`),
  },
];

/** The phase of a model. */
export function phaseOf(facts: Facts): Phase {
  for (const row of rows) {
    const phase = row.of(facts);
    if (phase) return phase;
  }
  throw new Error('the last row always holds');
}

const stalled = (reason: string, message: string): Phase => ({
  ready: 'False',
  progress: 'Stalled',
  isFailing: true,
  reason,
  message,
});

const reconciling = (reason: string, message: string, isFailing = false): Phase => ({
  ready: 'False',
  progress: 'Reconciling',
  ...(isFailing && { isFailing }),
  reason,
  message,
});

const isReady = ({ verdict }: Facts): boolean => verdict?.status === 'True';

/** Knative has given up (serving `pkg/apis/serving/v1/revision_lifecycle.go`). */
const isPastDeadline = ({ verdict }: Facts): boolean => verdict?.reason === 'ProgressDeadlineExceeded';

/** Why pods wait for a node: from themselves, or from Knative's copy of it. */
function pendingOf({ pods, verdict }: Facts): string | undefined {
  if (pods.failure) return pods.failure.kind === 'Pending' ? pods.failure.message : undefined;
  if (verdict?.status !== 'False' || verdict.reason !== 'Unschedulable') return undefined;
  return `no node takes the pod: ${verdict.message ?? 'the scheduler does not say why'}`;
}

/**
 * The failure of the pods. The kubelet keeps the end of a log, which holds the cause of one exit and not of the next: one
 * that was published stays where the last exit says nothing, and an exception also where it says something else.
 */
function failureOf(facts: Facts): PodFailure | undefined {
  const { failure } = facts.pods;
  const last = failure && lastCause(facts);
  if (!last || exitIn(last.message) !== exitIn(failure.message)) return failure;
  const isBetter = isException(causeIn(last.message)) && !isException(causeIn(failure.message));
  return failure.isUnexplained || isBetter ? { ...failure, message: last.message } : failure;
}

const causeIn = (message: string): string => message.slice((exitIn(message)?.length ?? 0) + 2);

/** The start of the message of an exit: the container and its code. */
const exitIn = (message: string): string | undefined => message.split(/[:,]/, 1)[0];

/** What follows the cause of a revision that Knative has given up. */
const advice = '. To try the same again: dormouse restart ';

type Cause = Pick<Phase, 'reason' | 'message'>;

/**
 * The cause that was published last for the same spec. Between two pods, and after Knative has scaled a revision that failed
 * to zero, no pod is left to have one.
 */
function lastCause({ before, generation }: Facts): Cause | undefined {
  const ready = before?.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.status !== 'False' || ready.observedGeneration !== generation) return undefined;
  if (isNoCause.has(ready.reason)) return undefined;
  return { reason: ready.reason, message: ready.message.split(advice)[0] ?? '' };
}

const isNoCause = new Set([
  'RevisionStarting',
  'RouteNotReady',
  'ProgressDeadlineExceeded',
  'ApplyFailed',
  'RevisionFailed',
]);

/** Knative's own words, under the reason that a pod has for the same (serving pkg/apis/serving/v1/revision_lifecycle.go). */
function verdictOf({ reason = 'RevisionFailed', message = 'the revision failed' }: KnativeCondition): Cause {
  const lastWords = /^Container failed with: (.*)$/s.exec(message)?.[1];
  const code = /^ExitCode(\d+)$/.exec(reason)?.[1];
  if (!lastWords || !code) return { reason, message: causeInChain(message) };
  return {
    reason: 'ContainerExited',
    message: `a container exited with code ${code}: ${causeInLog(lastWords)}`,
  };
}

function servingMessage({ revision, replicas, pods }: Facts): string {
  const { failure, restarts, lastRestart } = pods;
  const serves = `revision ${revision} serves`;
  if (failure && replicas === 0) return `${serves}, and wakes: ${failure.message}`;
  if (restarts === 0) return serves;
  const times = restarts === 1 ? 'once' : `${restarts} times`;
  return `${serves}; its pods restarted ${times}${lastRestart ? `, last because ${lastRestart}` : ''}`;
}
