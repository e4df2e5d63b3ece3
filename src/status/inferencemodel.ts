import { labels } from '#api/group.ts';
import type { InferenceModelStatus, State } from '#api/v1alpha1/status.ts';
import type { RevisionObject } from '#knative/objects.ts';
import { conditionsOf } from './conditions.ts';
import { type Facts, factsOf, type StatusInput } from './facts.ts';
import { type Phase, phaseOf } from './phases.ts';
import { revisionsOf } from './revisions.ts';

export interface StatusReport {
  readonly status: InferenceModelStatus;
  /** Milliseconds after which the same world would make another status, as a pod is then unready for too long. */
  readonly recheckAfterMs?: number | undefined;
}

/** The status of a model, from what was observed and nothing else. */
export function inferenceModelStatus(input: StatusInput): StatusReport {
  const { generation, before, observed, now } = input;
  const facts = factsOf(input);
  const phase = phaseOf(facts);
  const revisions = revisionsOf(observed.service, observed.revisions, facts.revision);
  const { url, address } = observed.service?.status ?? {};
  const time = `${new Date(now).toISOString().slice(0, 19)}Z`;
  const conditions = conditionsOf({ facts, phase }, before?.conditions ?? [], generation, time);
  const isAvailable = conditions.some(({ type, status }) => type === 'Available' && status === 'True');
  const served = new Set(revisions.filter(({ percent }) => percent > 0).map(({ name }) => name));
  const desired = desiredReplicas(observed.revisions.filter(({ metadata }) => served.has(metadata.name)));
  const replicas = revisions.reduce((sum, revision) => sum + revision.replicas, 0);
  const isRolling = phase.progress === 'Reconciling' && revisions.some(({ percent }) => percent === 0);
  const status: InferenceModelStatus = {
    observedGeneration: generation,
    state: stateOf({ phase, isAvailable, isRolling, replicas, desired }),
    ...(url && { url }),
    ...(address?.url && { address: { url: address.url } }),
    replicas,
    desiredReplicas: desired,
    ...(observed.service && { selector: `${labels.model}=${observed.service.metadata.name}` }),
    ...(facts.pods.restarts > 0 && { restarts: facts.pods.restarts }),
    revisions,
    conditions,
  };
  return { status, recheckAfterMs: facts.pods.recheckAfterMs };
}

const desiredReplicas = (revisions: readonly RevisionObject[]): number =>
  revisions.reduce((sum, { status }) => sum + (status?.desiredReplicas ?? 0), 0);

interface StateFacts {
  readonly phase: Phase;
  readonly isAvailable: boolean;
  readonly isRolling: boolean;
  readonly replicas: number;
  readonly desired: number;
}

function stateOf({ phase, isAvailable, isRolling, replicas, desired }: StateFacts): State {
  if (phase.isFailing) return 'Failed';
  if (!isAvailable) return 'Starting';
  if (isRolling) return 'RollingOut';
  if (replicas > 0) return 'Awake';
  return desired > 0 ? 'Waking' : 'Asleep';
}

export type { Facts, StatusInput };
