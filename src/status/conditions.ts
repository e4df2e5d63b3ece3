import type { ConditionType } from '../api/conditions.ts';
import type { Condition } from '../api/status.ts';

/** What a condition says, before time and generation are put to it. */
export interface Finding {
  readonly type: ConditionType;
  readonly status: Condition['status'];
  readonly reason: string;
  readonly message: string;
}

const order: readonly ConditionType[] = ['Ready', 'Available', 'Accepted', 'Reconciling', 'Stalled'];

/**
 * Findings as the conditions of a status. The time of a condition moves only when its status does (API conventions),
 * so that an unchanged world makes an unchanged status.
 *
 * @param now RFC 3339, whole seconds
 */
export function conditionsOf(
  findings: readonly Finding[],
  before: readonly Condition[],
  generation: number,
  now: string,
): Condition[] {
  const sorted = [...findings].sort((left, right) => order.indexOf(left.type) - order.indexOf(right.type));
  return sorted.map(({ type, status, reason, message }) => {
    const old = before.find((condition) => condition.type === type);
    const lastTransitionTime = old?.status === status ? old.lastTransitionTime : now;
    return { type, status, observedGeneration: generation, lastTransitionTime, reason, message };
  });
}
