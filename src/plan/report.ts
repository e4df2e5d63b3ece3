import { type Amounts, none, plus, quantities } from './amounts.ts';
import type { Kind, ModelDiff } from './model-diff.ts';

/** All models together. */
export interface Totals {
  readonly models: Readonly<Record<Kind, number>>;
  /** Unset where it is not known of one model. */
  readonly podsEnding?: number | undefined;
  readonly podsStarting: number;
  readonly requestedMore: Amounts;
}

export function totalsOf(diffs: readonly ModelDiff[]): Totals {
  const count = (kind: Kind) => diffs.filter((diff) => diff.kind === kind).length;
  const known = diffs.every(({ podsEnding }) => podsEnding !== undefined);
  return {
    models: {
      new: count('new'),
      revision: count('revision'),
      scale: count('scale'),
      service: count('service'),
      unchanged: count('unchanged'),
      gone: count('gone'),
      refused: count('refused'),
    },
    podsEnding: known ? diffs.reduce((sum, { podsEnding = 0 }) => sum + podsEnding, 0) : undefined,
    podsStarting: diffs.reduce((sum, { podsStarting }) => sum + podsStarting, 0),
    requestedMore: plus(none, ...diffs.map(({ requestedMore }) => requestedMore)),
  };
}

/** 0: applying changes nothing. 1: it changes something. 2: something is refused. */
export function exitCodeOf(diffs: readonly ModelDiff[]): 0 | 1 | 2 {
  if (diffs.some(({ kind }) => kind === 'refused')) return 2;
  return diffs.every(({ kind }) => kind === 'unchanged') ? 0 : 1;
}

/** For programs: amounts as Kubernetes writes them; null where that is not known. */
export function jsonReport(diffs: readonly ModelDiff[]): object {
  const totals = totalsOf(diffs);
  return {
    models: diffs.map(({ name, namespace, kind, requested, requestedMore, podsEnding, ...diff }) => ({
      ...{ name, namespace, kind, revision: diff.revision, live: diff.live },
      ...diff,
      podsEnding: podsEnding ?? null,
      requested: requested ? quantities(requested) : null,
      requestedMore: quantities(requestedMore),
    })),
    totals: {
      ...totals,
      podsEnding: totals.podsEnding ?? null,
      requestedMore: quantities(totals.requestedMore),
    },
  };
}
