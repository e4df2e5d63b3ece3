import { exponential, type Random } from '#base/backoff.ts';
import type { Clock } from '#base/clock.ts';

const base = 5;
const max = 5 * 60_000;
/** Of all keys together: so many at once, and then one each so many milliseconds. */
const burst = 100;
const intervalMs = 100;

/**
 * Delays between retries, as in controller-runtime: of each key 5 ms to 5 min with jitter, by the number of failures in
 * a row; and of all keys together 10 a second after a burst of 100, so that a fault that hits all of them makes no storm.
 */
export class RateLimiter {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #failures = new Map<string, number>();
  /** When the retry given out last would come if there were no bursts. */
  #last = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Counts a failure of `key` and gives the milliseconds to wait. */
  next(key: string): number {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    return Math.max(exponential(base, max, failures, this.#random), this.#reserve());
  }

  /** `key` succeeded: its next failure waits 5 ms again. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** Takes a token from the bucket that all keys share, and gives the milliseconds until it is there. */
  #reserve(): number {
    const now = this.#clock.monotonic();
    this.#last = Math.max(this.#last + intervalMs, now - (burst - 1) * intervalMs);
    return Math.max(0, this.#last - now);
  }
}
