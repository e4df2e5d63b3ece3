import { type CheckedCache, stuck, unready } from './checks.ts';
import type { Reply, Routes } from './server.ts';

/** The probes of Kubernetes: whether to restart the process, and whether it works. */
export const probes = (caches: readonly CheckedCache[], now: () => number): Routes => ({
  '/healthz': () => verdict(stuck(caches, now())),
  '/readyz': () => verdict(unready(caches)),
});

const verdict = (problem: string | undefined): Reply =>
  problem === undefined ? { status: 200, body: 'ok' } : { status: 500, body: problem };
