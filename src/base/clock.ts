/** Time as an argument, so that what waits can be tested without waiting. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Milliseconds since some moment. Setting the wall clock does not change them: the difference of two is the time that passed. */
  monotonic(): number;
  /** Calls `callback` once after `ms` milliseconds, unless the returned function is called first. */
  after(ms: number, callback: () => void): () => void;
}

// Node runs a longer timer at once. A caller that waits for weeks is woken early instead, and looks at the clock again.
const maxTimerMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: Date.now,
  // CLOCK_MONOTONIC, as in Go: it goes on while this process is stopped, and stands still while the whole machine is
  // suspended. A leader on a machine that wakes up takes its Lease for fresh until its first renewal fails, as one of
  // client-go does (https://github.com/golang/go/issues/24595). os.uptime() would count that time, but reads a file with
  // steps of 10 ms, which a container may see as its own or as the machine's.
  monotonic: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, Math.min(ms, maxTimerMs));
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
