import { type Clock, sleep } from './clock.ts';

/** Resolves when one of these signals aborts. */
export function aborted(...signals: readonly (AbortSignal | undefined)[]): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of signals) {
      if (signal?.aborted) return resolve();
      signal?.addEventListener('abort', () => resolve(), { once: true });
    }
  });
}

/** What `promise` gives; or throws the reason of `signal` when it aborts, for what knows no signals. */
export async function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const stopped = Promise.withResolvers<never>();
  const stop = (): void => stopped.reject(signal.reason);
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  try {
    return await Promise.race([promise, stopped.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Whether `promise` resolves within `ms` milliseconds, and before `signal` aborts. */
export async function within(
  clock: Clock,
  ms: number,
  promise: Promise<unknown>,
  signal?: AbortSignal,
): Promise<boolean> {
  const enough = new AbortController();
  const waited = sleep(clock, ms, signal ? AbortSignal.any([enough.signal, signal]) : enough.signal);
  try {
    return await Promise.race([promise.then(() => true), waited.then(() => false)]);
  } finally {
    enough.abort();
  }
}

/**
 * Runs `work` with a signal that aborts when `parent` does, or after `ms` milliseconds with the error of `late`.
 *
 * Parents here live as long as the process, and nothing of a finished call may stay attached to one; nor can
 * AbortSignal.timeout follow an injected clock.
 */
export async function withDeadline<T>(
  {
    clock,
    ms,
    late,
    parent,
  }: { clock: Clock; ms: number; late: () => Error; parent?: AbortSignal | undefined },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  parent?.throwIfAborted();
  const controller = new AbortController();
  const follow = (): void => controller.abort(parent?.reason);
  parent?.addEventListener('abort', follow);
  const cancel = clock.after(ms, () => controller.abort(late()));
  try {
    return await work(controller.signal);
  } finally {
    cancel();
    parent?.removeEventListener('abort', follow);
  }
}
