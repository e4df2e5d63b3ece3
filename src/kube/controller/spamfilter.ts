import type { Clock } from '#base/clock.ts';

const burst = 25;
const refillMs = 5 * 60_000;
const mostObjects = 4096;

/** Lets 25 events of each object pass, and then one in five minutes: a token bucket with client-go's numbers. */
export class SpamFilter {
  readonly #clock: Clock;
  /** The objects used last are at the end. */
  readonly #buckets = new Map<string, { readonly tokens: number; readonly at: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes a token of this object, if it has one. */
  allows(object: string): boolean {
    const at = this.#clock.monotonic();
    const { tokens: left, at: since } = this.#buckets.get(object) ?? { tokens: burst, at };
    const tokens = Math.min(burst, left + (at - since) / refillMs);
    const allowed = tokens >= 1;
    this.#buckets.delete(object);
    this.#buckets.set(object, { tokens: allowed ? tokens - 1 : tokens, at });
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > mostObjects && oldest !== undefined) this.#buckets.delete(oldest);
    return allowed;
  }
}
