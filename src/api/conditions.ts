/** The conditions of an InferenceModel. */
export const conditionTypes = {
  /** The newest spec serves all requests, or would if any came. */
  Ready: 'Ready',
  /** Some ready revision is given the requests. Stays True while a newer revision fails. */
  Available: 'Available',
  /** The spec is one that this cluster can run. */
  Accepted: 'Accepted',
  /** Work is under way (kstatus). */
  Reconciling: 'Reconciling',
  /** Only a change by the user can help (kstatus). */
  Stalled: 'Stalled',
} as const;
export type ConditionType = keyof typeof conditionTypes;
