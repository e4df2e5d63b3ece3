import { hostname } from 'node:os';
import { systemClock } from '#base/clock.ts';
import { version } from '#base/version.ts';
import type { Config } from '#config/load.ts';
import { probes } from '#http/probes.ts';
import { type ListenAddress, listen, type Routes } from '#http/server.ts';
import { connect } from '#kube/client/connection.ts';
import { messageOf } from '#kube/client/errors.ts';
import { RestClient } from '#kube/client/rest.ts';
import { LeadershipLostError } from '#kube/election/leader-election.ts';
import type { Metrics } from '#metrics/metrics.ts';
import { makeOperator } from '#operator/operator.ts';
import { PlainError } from '../action.ts';
import type { ClusterFlags } from './command.ts';
import { makeLeaderElection } from './leader-election.ts';
import { makeLogger } from './logger.ts';

/**
 * Runs the operator until `signal` aborts. Logs go to standard output.
 * @throws PlainError where there is no cluster to connect to, or an address cannot be had
 */
export async function runController(
  cluster: ClusterFlags,
  config: Config,
  signal: AbortSignal,
): Promise<void> {
  const logger = makeLogger(config, process.stdout);
  const connection = await connect({ ...cluster, env: process.env }).catch(plainError);
  const { metricsBindAddress, healthProbeBindAddress, fetcherImage, workers } = config;
  // A user without metrics must not pay for them.
  const metrics = metricsBindAddress && (await import('#metrics/metrics.ts')).makeMetrics();
  const options = { userAgent: `dormouse/${version}`, ...(metrics && { onRequest: metrics.request }) };
  const { namespace } = connection;
  const election = { client: new RestClient(connection, options), logger, namespace };
  const leaderElection = makeLeaderElection(config, election);
  if (leaderElection) metrics?.leader(config.leaderElection.resourceName, () => leaderElection.isLeader);
  const beforeWrite = leaderElection && { beforeWrite: leaderElection.assertLeading };
  const client = new RestClient(connection, { ...options, ...beforeWrite });
  const { start, caches, models } = makeOperator({
    client,
    clock: systemClock,
    random: Math.random,
    logger,
    fetcherImage,
    allowance: config.allow,
    namespaces: config.namespaces.length > 0 ? config.namespaces : undefined,
    leaderElection,
    instance: hostname(),
    workers,
    ...(metrics && { observe: metrics.controller }),
  });
  metrics?.caches(caches, () => models.list());
  await using servers = new AsyncDisposableStack();
  const open = async (address: ListenAddress | undefined, routes: Routes): Promise<void> => {
    if (address) servers.use(await listen(address, routes).catch(plainError));
  };
  await open(metricsBindAddress, metrics ? scrapes(metrics) : {});
  await open(healthProbeBindAddress, probes(caches, systemClock.now));
  await start(signal).catch((error) => {
    throw error instanceof LeadershipLostError ? new PlainError(error.message, { cause: error }) : error;
  });
}

const scrapes = ({ text, contentType }: Metrics): Routes => ({
  '/metrics': async () => ({ status: 200, body: await text(), contentType }),
});

function plainError(cause: unknown): never {
  throw new PlainError(messageOf(cause), { cause });
}
