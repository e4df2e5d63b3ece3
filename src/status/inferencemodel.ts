import type { InferenceModelStatus, RevisionStatus, State } from '../api/status.ts';
import { conditionsOf, type Finding } from './conditions.ts';
import { conditionOf, type Observed, type RevisionObject } from './observed.ts';
import { failureOf } from './pods.ts';

/**
 * What this reconcile came to: the revision that shall run, or why there is none. `refused` waits for somebody to
 * change something, `failed` is tried again.
 */
export type Outcome =
  | { readonly type: 'applied'; readonly revision: string }
  | { readonly type: 'refused'; readonly reason: RefusalReason; readonly message: string }
  | { readonly type: 'failed'; readonly error: unknown };

/** Why a model is not accepted. */
export type RefusalReason = 'InvalidSpec' | 'NotAllowedByCluster' | 'NameTaken' | 'RejectedByKnative';

export interface StatusInput {
  readonly generation: number;
  readonly before: InferenceModelStatus | undefined;
  readonly observed: Observed;
  readonly outcome: Outcome;
  /** RFC 3339, whole seconds. */
  readonly now: string;
}

/** The status of a model, from what was observed and nothing else. */
export function inferenceModelStatus(input: StatusInput): InferenceModelStatus {
  const { generation, before, observed, outcome, now } = input;
  const wanted = outcome.type === 'applied' ? outcome.revision : undefined;
  const revisions = revisionsOf(observed, wanted);
  const availability = availabilityOf(input, revisions);
  const progress = progressOf(input, revisions);
  const findings = [acceptance(outcome), availability, ...progress];
  const { url, address } = observed.service?.status ?? {};
  return {
    observedGeneration: generation,
    state: stateOf(observed, revisions, findings),
    ...(url && { url }),
    ...(address?.url && { address: { url: address.url } }),
    replicas: revisions.reduce((sum, { replicas }) => sum + replicas, 0),
    revisions,
    conditions: conditionsOf(findings, before?.conditions ?? [], generation, now),
  };
}

const isReady = (revision: RevisionObject | undefined) => conditionOf(revision, 'Ready')?.status === 'True';

function revisionsOf({ service, revisions }: Observed, wanted: string | undefined): RevisionStatus[] {
  const shares = new Map<string, number>(wanted ? [[wanted, 0]] : []);
  for (const { revisionName, percent } of service?.status?.traffic ?? [])
    if (revisionName) shares.set(revisionName, (shares.get(revisionName) ?? 0) + (percent ?? 0));
  return [...shares].map(([name, percent]) => {
    const revision = revisions.find(({ metadata }) => metadata.name === name);
    const image = revision?.status?.containerStatuses?.find(
      (container) => container.imageDigest,
    )?.imageDigest;
    return {
      name,
      percent,
      ready: isReady(revision),
      replicas: revision?.status?.actualReplicas ?? 0,
      ...(image && { image }),
    };
  });
}

function acceptance(outcome: Outcome): Finding {
  const type = 'Accepted';
  switch (outcome.type) {
    case 'applied':
      return { type, status: 'True', reason: 'Accepted', message: 'this cluster can run the model' };
    case 'refused':
      return { type, status: 'False', reason: outcome.reason, message: outcome.message };
    case 'failed':
      return { type, status: 'Unknown', reason: 'ApplyFailed', message: wordsOf(outcome.error) };
  }
}

const wordsOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** By the traffic that the Route really has: the Service's own Ready speaks of its newest revision alone. */
function availabilityOf({ observed, before }: StatusInput, revisions: readonly RevisionStatus[]): Finding {
  const serving = revisions.filter(({ percent }) => percent > 0);
  const routed = conditionOf(observed.service, 'RoutesReady');
  const wasAvailable = before?.conditions?.some(
    ({ type, status }) => type === 'Available' && status === 'True',
  );
  if (
    serving.length > 0 &&
    serving.every(({ ready }) => ready) &&
    (routed?.status === 'True' || wasAvailable)
  ) {
    const names = serving.map(({ name, percent }) => `${percent} % to ${name}`).join(', ');
    return { type: 'Available', status: 'True', reason: 'Serving', message: `requests go ${names}` };
  }
  const down = serving.find(({ ready }) => !ready);
  const message = down
    ? `revision ${down.name} is given requests and is not ready`
    : 'no revision serves yet';
  return { type: 'Available', status: 'False', reason: down ? 'RevisionNotReady' : 'NothingServes', message };
}

/** Ready, and what kstatus reads beside it: Reconciling while work is under way, Stalled when only the user can help. */
function progressOf({ observed, outcome }: StatusInput, revisions: readonly RevisionStatus[]): Finding[] {
  if (outcome.type === 'refused') return stalled(outcome.reason, outcome.message);
  if (outcome.type === 'failed') return reconciling('ApplyFailed', wordsOf(outcome.error));
  const { service, pods } = observed;
  const wanted = observed.revisions.find(({ metadata }) => metadata.name === outcome.revision);
  const failure = failureOf(
    pods.filter(({ metadata }) => metadata.labels?.['serving.knative.dev/revision'] === outcome.revision),
  );
  const verdict = conditionOf(wanted, 'Ready');
  if (verdict?.status === 'False') {
    const reason = failure?.reason ?? verdict.reason ?? 'RevisionFailed';
    return stalled(reason, failure?.message ?? verdict.message ?? 'the revision failed');
  }
  if (failure) return reconciling(failure.reason, failure.message);
  const current = service?.metadata.generation === service?.status?.observedGeneration;
  const share = revisions.find(({ name }) => name === outcome.revision)?.percent ?? 0;
  const routed = conditionOf(service, 'RoutesReady');
  if (current && verdict?.status === 'True' && share === 100 && routed?.status === 'True')
    return [
      { type: 'Ready', status: 'True', reason: 'Serving', message: `revision ${outcome.revision} serves` },
    ];
  const message =
    verdict?.status === 'True'
      ? `revision ${outcome.revision} is ready, its route is not`
      : `revision ${outcome.revision} is starting`;
  return reconciling(verdict?.status === 'True' ? 'RouteNotReady' : 'RevisionStarting', message);
}

const stalled = (reason: string, message: string): Finding[] => [
  { type: 'Ready', status: 'False', reason, message },
  { type: 'Stalled', status: 'True', reason, message },
];

const reconciling = (reason: string, message: string): Finding[] => [
  { type: 'Ready', status: 'False', reason, message },
  { type: 'Reconciling', status: 'True', reason, message },
];

function stateOf(
  observed: Observed,
  revisions: readonly RevisionStatus[],
  findings: readonly Finding[],
): State {
  const holds = (type: Finding['type']) =>
    findings.some((found) => found.type === type && found.status === 'True');
  if (holds('Stalled')) return 'Failed';
  if (!holds('Available')) return 'Waking';
  if (holds('Reconciling') && revisions.some(({ percent }) => percent === 0)) return 'RollingOut';
  if (revisions.some(({ replicas }) => replicas > 0)) return 'Awake';
  const serving = new Set(revisions.filter(({ percent }) => percent > 0).map(({ name }) => name));
  const called = observed.revisions.some(
    ({ metadata, status }) => serving.has(metadata.name) && (status?.desiredReplicas ?? 0) > 0,
  );
  return called ? 'Waking' : 'Asleep';
}
