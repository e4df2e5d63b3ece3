import { uptime } from 'node:os';

/** Time as an argument, so that whatever waits can be tested without waiting. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Milliseconds since some moment; nobody sets them, so that the difference of two is the time that passed. */
  monotonic(): number;
  /** Calls `callback` once after `ms` milliseconds, unless the returned function is called first. */
  after(ms: number, callback: () => void): () => void;
}

// Node runs a longer timer at once. Whoever waits for weeks here is woken early instead, and looks at the clock again.
const longestTimer = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: Date.now,
  // On Linux this goes on while the machine sleeps, as everybody else's time does; performance.now() stands still.
  monotonic: () => uptime() * 1000,
  after(ms, callback) {
    const timer = setTimeout(callback, Math.min(ms, longestTimer));
    return () => clearTimeout(timer);
  },
};

/** Resolves after `ms` milliseconds, or as soon as `signal` aborts; never rejects. */
export function sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = (): void => {
      cancel();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const cancel = clock.after(ms, end);
    signal.addEventListener('abort', end);
  });
}
