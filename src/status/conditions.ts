import { type ConditionType, conditionTypes } from '#api/v1alpha1/conditions.ts';
import { type Condition, longestMessage } from '#api/v1alpha1/status.ts';

/** What a condition says, before time and generation are put to it. */
export interface Finding {
  readonly type: ConditionType;
  readonly status: Condition['status'];
  readonly reason: string;
  readonly message: string;
}

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
  const sorted = conditionTypes.flatMap((type) => findings.filter((finding) => finding.type === type));
  return sorted.map(({ type, status, reason, message: words }) => {
    const old = before.find((condition) => condition.type === type);
    const lastTransitionTime = old?.status === status ? old.lastTransitionTime : now;
    const message = words.slice(0, longestMessage);
    return { type, status, observedGeneration: generation, lastTransitionTime, reason, message };
  });
}
