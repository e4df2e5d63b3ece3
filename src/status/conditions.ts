import type { ConditionType } from '#api/v1alpha1/conditions.ts';
import { type Condition, longestMessage } from '#api/v1alpha1/status.ts';
import { availability } from './availability.ts';
import type { Facts } from './facts.ts';
import { acceptance } from './outcome.ts';
import type { Phase } from './phases.ts';

/** A condition without its time and generation. */
export type Finding = Pick<Condition, 'status' | 'reason' | 'message'>;

interface Derivation {
  readonly facts: Facts;
  readonly phase: Phase;
}

/**
 * The conditions of an InferenceModel, in the order in which they are shown, and what each is derived from. Those that are
 * bad news where they hold are there only while they do (kstatus,
 * https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md).
 */
const table: Readonly<Record<ConditionType, (given: Derivation) => Finding | undefined>> = {
  Ready: ({ phase: { ready, reason, message } }) => ({ status: ready, reason, message }),
  Available: ({ facts }) => availability(facts),
  Accepted: ({ facts }) => acceptance(facts.outcome),
  Reconciling: ({ phase }) => whileIn(phase, 'Reconciling'),
  Stalled: ({ phase }) => whileIn(phase, 'Stalled'),
  UpdateAvailable: ({ facts: { outcome, service } }) =>
    outcome.type === 'applied' && outcome.updateAvailable
      ? {
          status: 'True',
          reason: 'RevisionHeld',
          message: `this operator, runtime or cluster would make another revision of the same spec: dormouse upgrade ${service?.metadata.name} adopts it`,
        }
      : undefined,
};

const whileIn = ({ progress, reason, message }: Phase, type: Phase['progress']): Finding | undefined =>
  progress === type ? { status: 'True', reason, message } : undefined;

/**
 * The conditions of a status. The time of a condition moves only when its status does (API conventions), so that an
 * unchanged world makes an unchanged status.
 *
 * @param now RFC 3339, whole seconds
 */
export function conditionsOf(
  given: Derivation,
  before: readonly Condition[],
  generation: number,
  now: string,
): Condition[] {
  return Object.entries(table).flatMap(([type, derive]) => {
    const finding = derive(given);
    if (!finding) return [];
    const { status, reason } = finding;
    const old = before.find((condition) => condition.type === type);
    const lastTransitionTime = old?.status === status ? old.lastTransitionTime : now;
    const message = finding.message.slice(0, longestMessage);
    return [{ type, status, observedGeneration: generation, lastTransitionTime, reason, message }];
  });
}
