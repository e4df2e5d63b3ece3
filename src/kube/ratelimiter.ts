import { exponential, type Random } from './backoff.ts';

const base = 5;
const max = 5 * 60_000;

/** Delays between retries of each key: 5 ms to 5 min with jitter, by the number of failures in a row. */
export class RateLimiter {
  readonly #random: Random;
  readonly #failures = new Map<string, number>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** Counts a failure of `key` and gives the milliseconds to wait. */
  next(key: string): number {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    return exponential(base, max, failures, this.#random);
  }

  /** `key` succeeded: its next failure waits the shortest time again. */
  forget(key: string): void {
    this.#failures.delete(key);
  }
}
