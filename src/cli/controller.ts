import { pino } from 'pino';
import { systemClock } from '../clock.ts';
import { messageOf } from '../kube/errors.ts';
import { connect } from '../kube/kubeconfig.ts';
import { RestClient } from '../kube/rest.ts';
import { makeOperator } from '../reconcilers/operator.ts';
import { UsageError } from './errors.ts';

export interface ControllerFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly logLevel: string;
  readonly fetcherImage: string;
}

/**
 * Runs the operator until `signal` aborts. Logs are JSON lines on standard output.
 * @throws UsageError where there is no cluster to connect to
 */
export async function runController(flags: ControllerFlags, signal: AbortSignal): Promise<void> {
  const logger = pino({ level: flags.logLevel, base: undefined, timestamp: pino.stdTimeFunctions.isoTime });
  const connection = await connect({
    kubeconfig: flags.kubeconfig,
    context: flags.context,
    env: process.env,
  }).catch((cause) => {
    throw new UsageError(messageOf(cause), { cause });
  });
  const client = new RestClient(connection);
  const { fetcherImage } = flags;
  await makeOperator({
    client,
    clock: systemClock,
    random: Math.random,
    logger,
    fetcherImage,
    allowance: {},
  }).start(signal);
}
