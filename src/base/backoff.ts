import type { Clock } from './clock.ts';

/** Random numbers in [0, 1), as Math.random gives them. */
export type Random = () => number;

/** Doubles from `base` to `max` with each attempt (from 0), then takes off up to half, so that clients spread. */
export function exponential(base: number, max: number, attempt: number, random: Random): number {
  return Math.min(max, base * 2 ** attempt) * (1 - random() / 2);
}

/** Delays between retries of one connection: 0.8 s to 30 s, from the start again after 120 s without a failure. */
export class Backoff {
  readonly #clock: Clock;
  readonly #random: Random;
  #attempt = 0;
  #healthyAt = 0;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Milliseconds to wait after the failure that just happened. */
  next(): number {
    const now = this.#clock.monotonic();
    if (now >= this.#healthyAt) this.#attempt = 0;
    const delay = exponential(800, 30_000, this.#attempt++, this.#random);
    this.#healthyAt = now + delay + 120_000;
    return delay;
  }
}
