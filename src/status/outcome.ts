import type { Finding } from './conditions.ts';

/**
 * The result of a reconcile: the revision that must run, or why there is none. `refused` waits for a change by the user,
 * `failed` is tried again.
 */
export type Outcome =
  | { readonly type: 'applied'; readonly revision: string; readonly updateAvailable?: boolean }
  | { readonly type: 'blocked'; readonly reason: string; readonly message: string }
  | { readonly type: 'refused'; readonly reason: RefusalReason; readonly message: string }
  | { readonly type: 'failed'; readonly message: string; readonly error: unknown };

/** Why a model is not accepted. */
export type RefusalReason = 'InvalidSpec' | 'NotAllowedByCluster' | 'NameTaken' | 'RejectedByKnative';

/** Accepted: whether this cluster can run the model. A write that fails is no verdict on the spec. */
export function acceptance(outcome: Outcome): Finding {
  switch (outcome.type) {
    case 'applied':
    case 'failed':
      return { status: 'True', reason: 'Accepted', message: 'this cluster can run the model' };
    case 'refused':
      return { status: 'False', reason: outcome.reason, message: outcome.message };
    case 'blocked':
      return { status: 'Unknown', reason: outcome.reason, message: outcome.message };
  }
}
