/** Waits for the end of the pod, and ends at once when it comes. `sleep` alone would not, as the first process. */
const wait = 'trap "exit 0" TERM INT; while :; do sleep 3600 & wait $!; done';

/**
 * Becomes a shell that does nothing, so that a sidecar that has fetched its model keeps a few megabytes and no more.
 * Never returns.
 */
export function hold(): never {
  if (!process.execve) throw new Error('--hold needs Node.js 24 or newer, on Linux');
  return process.execve('/bin/sh', ['sh', '-c', wait], {}) as never;
}
