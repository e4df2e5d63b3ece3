import type { Clock } from '../clock.ts';

/** Resolves when `signal` aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/**
 * Runs `work` with a signal that aborts when `parent` does, or after `ms` milliseconds with an error of this `message`.
 *
 * Parents here live as long as the process, and nothing of a finished call may stay attached to one; nor can
 * AbortSignal.timeout follow an injected clock.
 */
export async function withDeadline<T>(
  {
    clock,
    ms,
    message,
    parent,
  }: { clock: Clock; ms: number; message: string; parent?: AbortSignal | undefined },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  parent?.throwIfAborted();
  const controller = new AbortController();
  const follow = (): void => controller.abort(parent?.reason);
  parent?.addEventListener('abort', follow);
  const cancel = clock.after(ms, () => controller.abort(new Error(message)));
  try {
    return await work(controller.signal);
  } finally {
    cancel();
    parent?.removeEventListener('abort', follow);
  }
}
