import type { Reply, Routes } from './server.ts';

/** The state of an informer. */
export interface CheckedCache {
  /** As kubectl writes it: `pods`, `services.serving.knative.dev`. */
  readonly resource: string;
  readonly hasSynced: boolean;
  /** Milliseconds for which its open request has given no sign. */
  readonly silentMs: number;
}

/** More than three times the silence after which a watch ends by itself. */
const maxSilenceMs = 5 * 60_000;

/**
 * What only a restart can mend: a watch that hangs, in a sentence. An API server that is down is no such thing.
 * @param now milliseconds since the Unix epoch
 */
export function stuck(caches: readonly CheckedCache[], now: number): string | undefined {
  const hung = caches.find(({ silentMs }) => silentMs > maxSilenceMs);
  if (!hung) return undefined;
  const since = new Date(now - hung.silentMs).toISOString();
  return `the watch of ${hung.resource} hangs: its request is open and has given no sign since ${since}`;
}

/** What is missing before reconciles can begin, in a sentence. */
export function unready(caches: readonly CheckedCache[]): string | undefined {
  const missing = new Set(caches.filter(({ hasSynced }) => !hasSynced).map(({ resource }) => resource));
  return missing.size > 0 ? `not yet in sync: ${[...missing].join(', ')}` : undefined;
}

/** The probes of Kubernetes: whether to restart the process, and whether it works. */
export const probes = (caches: readonly CheckedCache[], now: () => number): Routes => ({
  '/healthz': () => verdict(stuck(caches, now())),
  '/readyz': () => verdict(unready(caches)),
});

const verdict = (problem: string | undefined): Reply =>
  problem === undefined ? { status: 200, body: 'ok' } : { status: 500, body: problem };
