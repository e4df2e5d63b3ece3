import { annotations } from '#api/group.ts';
import type { InferenceModelStatus, RevisionStatus, State } from '#api/v1alpha1/status.ts';
import { conditionOf, type Observed, type RevisionObject } from '#knative/objects.ts';
import { availability } from './availability.ts';
import { conditionsOf, type Finding } from './conditions.ts';
import { acceptance, type Outcome } from './outcome.ts';
import { progress } from './progress.ts';

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
  const findings = [
    acceptance(outcome),
    availability(observed.service, revisions, before),
    ...progress(outcome, observed, revisions),
  ];
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
      ...chosen(revision),
    };
  });
}

/** What was chosen for a revision when it was made: its own annotations say it. */
function chosen(revision: RevisionObject | undefined) {
  const { [annotations.runtime]: runtime, [annotations.delivery]: delivery } =
    revision?.metadata.annotations ?? {};
  return { ...(runtime && { runtime }), ...(delivery && { delivery }) };
}

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
