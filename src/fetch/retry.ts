import { exponential, type Random } from '#base/backoff.ts';
import { type Clock, sleep } from '#base/clock.ts';
import { ChangedError, explain, type FetchError, isDiskFull, retryable } from './errors.ts';

/** What every step of a fetch needs. */
export interface Context {
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** A line for people. */
  readonly say: (line: string) => void;
}

/** Failures in a row, without a byte in between, after which a fetch gives up: about a minute and a half. */
const maxFailures = 8;
/** The longest that a server's `Retry-After` is obeyed. */
const longestWaitMs = 120_000;

/**
 * Does `work` until it succeeds or fails for good. `advanced` tells whether the try that just failed got anywhere: then
 * the count of failures starts anew.
 * @throws FetchError, ChangedError, what a full disk says, or the signal's reason
 */
export async function retrying<T>(
  where: string,
  { clock, random, signal, say }: Context,
  work: () => Promise<T>,
  advanced: () => boolean = () => false,
): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      // Whoever knows the folder tells how much is free.
      if (error instanceof ChangedError || isDiskFull(error)) throw error;
      const failure: FetchError = explain(error, where);
      if (!failure.retryable) throw failure;
      if (advanced()) failures = 1;
      if (failures >= maxFailures) {
        throw retryable(`${failure.message}; given up after ${failures} tries: run again later.`, {
          cause: error,
        });
      }
      const delay = exponential(500, 30_000, failures - 1, random);
      const wait = Math.max(delay, Math.min(failure.retryAfterMs, longestWaitMs));
      say(`${failure.message}; trying again in ${(wait / 1000).toFixed(1)} s`);
      await sleep(clock, wait, signal);
      signal.throwIfAborted();
    }
  }
}
