import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { fieldManager } from '#api/group.ts';

import { systemClock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import type { Config } from '#config/load.ts';
import type { Client } from '#kube/client/client.ts';
import { LeaderElector } from '#kube/election/leader-election.ts';

/** The leader election that a configuration asks for, if it does; `namespace` is where the operator runs. */
export function makeLeaderElection(
  { leaderElection }: Config,
  parts: { readonly client: Client; readonly logger: Logger; readonly namespace: string | undefined },
): LeaderElector | undefined {
  const { leaderElect, resourceName, resourceNamespace, ...times } = leaderElection;
  if (!leaderElect) return undefined;
  return new LeaderElector({
    ...parts,
    lease: { namespace: resourceNamespace ?? parts.namespace ?? 'default', name: resourceName },
    identity: `${hostname()}_${randomUUID()}`,
    fieldManager,
    clock: systemClock,
    random: Math.random,
    leaseDurationMs: times.leaseDuration * 1000,
    renewDeadlineMs: times.renewDeadline * 1000,
    retryPeriodMs: times.retryPeriod * 1000,
  });
}
