/** What a reconcile asks for when it succeeded. To be called again on a change needs no asking. */
export interface Result {
  /** Reconcile again after so many milliseconds even if nothing changes. */
  readonly requeueAfterMs?: number;
}
