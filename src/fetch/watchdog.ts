import type { Clock } from '#base/clock.ts';
import { retryable } from './errors.ts';

export interface Watchdog {
  readonly signal: AbortSignal;
  /** Something came: the wait begins anew. */
  readonly fed: () => void;
}

/**
 * Runs `work` with a signal that aborts when `parent` does, or after `ms` milliseconds in which nothing came.
 * Nothing stays attached to `parent` afterwards.
 */
export async function watched<T>(
  { clock, ms, where, parent }: { clock: Clock; ms: number; where: string; parent: AbortSignal },
  work: (watchdog: Watchdog) => Promise<T>,
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
    else controller.abort(retryable(`${where}: nothing came for ${ms / 1000} s`));
  };
  let cancel = clock.after(ms, check);
  try {
    return await work({
      signal: controller.signal,
      fed: () => {
        last = clock.monotonic();
      },
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
