import { seconds } from '#api/schema/scalars.ts';
import type { InferenceModelStatus } from '#api/v1alpha1/status.ts';
import { revisionLabel } from '#knative/names.ts';
import {
  conditionOf,
  type KnativeCondition,
  type KnativeServiceObject,
  type Observed,
  type RevisionObject,
} from '#knative/objects.ts';
import type { Outcome } from './outcome.ts';
import { inspectPods, type PodReport } from './pods.ts';
import { serverFacts } from './server-facts.ts';

/** What a status is made from. */
export interface StatusInput {
  /** Of the model. */
  readonly generation: number;
  readonly before: InferenceModelStatus | undefined;
  readonly observed: Observed;
  readonly outcome: Outcome;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

/** What all conditions and the state are derived from. */
export interface Facts {
  readonly generation: number;
  readonly outcome: Outcome;
  readonly before: InferenceModelStatus | undefined;
  readonly service: KnativeServiceObject | undefined;
  readonly revisions: readonly RevisionObject[];
  /** The revision that the newest spec asks for; unset where none could be made. */
  readonly revision: string | undefined;
  /** Whether it exists. */
  readonly exists: boolean;
  /** Its Ready condition: once True it stays so through sleep. */
  readonly verdict: KnativeCondition | undefined;
  readonly percent: number;
  readonly replicas: number;
  /** Its pods. */
  readonly pods: PodReport;
  /** Knative's conditions of the Service as it was applied; unset until Knative has acted on it. */
  readonly configured: KnativeCondition | undefined;
  readonly routed: KnativeCondition | undefined;
}

/** Knative's own deadline of a revision, where its template has none (serving `pkg/deployment/config.go`). */
const defaultDeadline = '600s';
const deadlineAnnotation = 'serving.knative.dev/progress-deadline';

export function factsOf({ generation, before, observed, outcome, now }: StatusInput): Facts {
  const { service, revisions } = observed;
  const revision = outcome.type === 'applied' ? outcome.revision : undefined;
  const found = revisions.find(({ metadata }) => metadata.name === revision);
  const pods = observed.pods.filter(({ metadata }) => metadata.labels?.[revisionLabel] === revision);
  const template = service?.spec?.template;
  // A Service as it was before this revision was applied, or that Knative has not acted on yet, says nothing of it.
  const isCurrent =
    template?.metadata?.name === revision &&
    service?.metadata.generation === service?.status?.observedGeneration;
  const shares = service?.status?.traffic?.filter(({ revisionName }) => revisionName === revision) ?? [];
  const deadline = template?.metadata?.annotations?.[deadlineAnnotation] ?? defaultDeadline;
  return {
    generation,
    outcome,
    before,
    service,
    revisions,
    revision,
    exists: found !== undefined,
    verdict: conditionOf(found, 'Ready'),
    percent: shares.reduce((sum, { percent = 0 }) => sum + percent, 0),
    replicas: found?.status?.actualReplicas ?? 0,
    pods: inspectPods(pods, { now, server: serverFacts(template) }, seconds(deadline) * 1000),
    configured: isCurrent ? conditionOf(service, 'ConfigurationsReady') : undefined,
    routed: isCurrent ? conditionOf(service, 'RoutesReady') : undefined,
  };
}
