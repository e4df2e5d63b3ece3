/** A model in a cache, or what there is of it. */
export interface CachedModel {
  /** The name of its folder. */
  readonly key: string;
  /** Unfinished: fetched in part, by nobody now. Locked: a process is at work in its folder. */
  readonly state: 'complete' | 'unfinished' | 'locked';
  /** Where it is from; known of a complete one. */
  readonly uri?: string | undefined;
  readonly bytes: number;
  /** Milliseconds since the Unix epoch: when a pod asked for it last, or a byte of it came. */
  readonly lastUsed: number;
}

export interface EvictionPolicy {
  /** Keys of models that stay, whatever the limits are. */
  readonly keep: ReadonlySet<string>;
  /** What all models together may have. */
  readonly maxBytes?: number | undefined;
  /** How long nobody may have asked for a model that stays. */
  readonly maxAgeMs?: number | undefined;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

export interface Eviction {
  readonly model: CachedModel;
  readonly reason: 'unfinished' | 'age' | 'size';
}

/** After this a download that nobody goes on with is given up. */
export const unfinishedMs = 24 * 60 * 60 * 1000;

/** The order in which models go. */
export const byLastUse = (one: CachedModel, other: CachedModel): number =>
  one.lastUsed - other.lastUsed || (one.key < other.key ? -1 : 1);

/** What has to go from a cache: what is too old, then the least recently used until the rest is small enough. */
export function chooseEvictions(models: readonly CachedModel[], policy: EvictionPolicy): Eviction[] {
  const { keep, maxBytes = Number.POSITIVE_INFINITY } = policy;
  const evictions: Eviction[] = [];
  const rest: CachedModel[] = [];
  let total = models.reduce((sum, { bytes }) => sum + bytes, 0);
  const evict = (model: CachedModel, reason: Eviction['reason']): void => {
    evictions.push({ model, reason });
    total -= model.bytes;
  };
  for (const model of models
    .filter(({ key, state }) => state !== 'locked' && !keep.has(key))
    .sort(byLastUse)) {
    const reason = tooOld(model, policy);
    if (reason) evict(model, reason);
    else rest.push(model);
  }
  for (const model of rest) if (total > maxBytes && model.bytes > 0) evict(model, 'size');
  return evictions;
}

function tooOld(
  { state, lastUsed }: CachedModel,
  { now, maxAgeMs = Number.POSITIVE_INFINITY }: EvictionPolicy,
) {
  const age = now - lastUsed;
  if (state === 'unfinished' && age > unfinishedMs) return 'unfinished';
  return age > maxAgeMs ? 'age' : undefined;
}
