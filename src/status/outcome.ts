import type { Finding } from './conditions.ts';

/**
 * What this reconcile came to: the revision that shall run, or why there is none. `refused` waits for somebody to
 * change something, `failed` is tried again.
 */
export type Outcome =
  | { readonly type: 'applied'; readonly revision: string; readonly updateAvailable?: boolean }
  | { readonly type: 'blocked'; readonly reason: string; readonly message: string }
  | { readonly type: 'refused'; readonly reason: RefusalReason; readonly message: string }
  | { readonly type: 'failed'; readonly message: string; readonly error: unknown };

/** Why a model is not accepted. */
export type RefusalReason = 'InvalidSpec' | 'NotAllowedByCluster' | 'NameTaken' | 'RejectedByKnative';

/** Accepted: whether this cluster can run the model. A write that fails says nothing of the spec. */
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
