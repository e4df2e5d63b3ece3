/**
 * The conditions of an InferenceModel, in the order in which they are shown.
 *
 * - `Ready`: the newest spec serves all requests, or would if any came.
 * - `Available`: some ready revision is given the requests. Stays True while a newer revision fails.
 * - `Accepted`: the spec is one that this cluster can run.
 * - `Reconciling`: work is under way (kstatus).
 * - `Stalled`: only a change by the user can help (kstatus).
 * - `UpdateAvailable`: a held revision is not what would be made of the same spec today.
 */
export const conditionTypes = [
  'Ready',
  'Available',
  'Accepted',
  'Reconciling',
  'Stalled',
  'UpdateAvailable',
] as const;
export type ConditionType = (typeof conditionTypes)[number];
