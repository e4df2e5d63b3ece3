import { exponential, type Random } from '#base/backoff.ts';
import { type Clock, sleep } from '#base/clock.ts';
import type { Place } from '#sources/schemes.ts';
import { ChangedError, explain, type FetchError, isDiskFull, retryable } from './errors.ts';

/** What every step of a fetch needs. */
export interface Context {
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly place: Place;
  readonly log: (line: string) => void;
}

/** Failures in a row, without a byte in between, after which a fetch gives up: about a minute and a half. */
const maxFailures = 8;
/**
 * The same where no server is reached and the kubelet starts the container again: the status of a pod shows the message
 * of a container that has ended, and what was fetched stays.
 */
const maxUnreachableInPod = 3;
/** The longest that a server's `Retry-After` is obeyed. */
const maxWaitMs = 120_000;

/**
 * Does `work` until it succeeds or fails for good. `advanced` gives whether the last try brought any bytes: then
 * the count of failures starts anew.
 * @throws FetchError, ChangedError, what a full disk says, or the signal's reason
 */
export async function retrying<T>(
  where: string,
  { clock, random, signal, place, log }: Context,
  work: () => Promise<T>,
  advanced: () => boolean = () => false,
): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      // The caller knows the folder, and adds how much is free.
      if (error instanceof ChangedError || isDiskFull(error)) throw error;
      const failure: FetchError = explain(error, where);
      if (!failure.retryable) throw failure;
      if (advanced()) failures = 1;
      if (failures >= (failure.unreachable && place === 'Pod' ? maxUnreachableInPod : maxFailures))
        throw givenUp(failure, failures);
      const delay = exponential(500, 30_000, failures - 1, random);
      const wait = Math.max(delay, Math.min(failure.retryAfterMs, maxWaitMs));
      log(`${failure.messageIn(place).replace(/\.$/, '')}; trying again in ${(wait / 1000).toFixed(1)} s`);
      await sleep(clock, wait, signal);
      signal.throwIfAborted();
    }
  }
}

const givenUp = (failure: FetchError, failures: number): FetchError =>
  retryable(`${failure.problem}; given up after ${failures} tries`, {
    advice: failure.advice ?? { Prompt: 'run again later', Pod: 'it is tried again' },
    unreachable: failure.unreachable,
    cause: failure,
  });

/**
 * Runs `work` with a signal that aborts when `parent` does, or with the error of `late` after `ms`
 * milliseconds in which `onAlive` was not called. Nothing stays attached to `parent` afterwards.
 */
export async function withIdleDeadline<T>(
  { clock, ms, late, parent }: { clock: Clock; ms: number; late: () => Error; parent: AbortSignal },
  work: (signal: AbortSignal, onAlive: () => void) => Promise<T>,
): Promise<T> {
  parent.throwIfAborted();
  const controller = new AbortController();
  const follow = (): void => controller.abort(parent.reason);
  parent.addEventListener('abort', follow);
  let last = clock.monotonic();
  // One timer looks again from time to time: to set one anew with each chunk costs more.
  const check = (): void => {
    const left = last + ms - clock.monotonic();
    if (left > 0) cancel = clock.after(left, check);
    else controller.abort(late());
  };
  let cancel = clock.after(ms, check);
  try {
    return await work(controller.signal, () => {
      last = clock.monotonic();
    });
  } catch (error) {
    // A stream that was ended says only that it was; the reason says why.
    controller.signal.throwIfAborted();
    throw error;
  } finally {
    cancel();
    parent.removeEventListener('abort', follow);
  }
}
