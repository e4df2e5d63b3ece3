import { pino } from 'pino';
import { systemClock } from '../../src/clock.ts';
import { operatorImage } from '../../src/image.ts';
import { makeOperator } from '../../src/reconcilers/operator.ts';
import { operatorClient } from './cluster.ts';

/** The operator in this process, with the rights of manifests/; it stops when the test ends (`await using`). */
export async function runOperator(): Promise<AsyncDisposable> {
  const client = await operatorClient();
  const stop = new AbortController();
  const logger = pino({ level: process.env.LOG_LEVEL ?? 'silent' });
  const { start } = makeOperator({
    client,
    clock: systemClock,
    random: Math.random,
    logger,
    fetcherImage: operatorImage,
    instance: 'test',
  });
  const running = start(stop.signal);
  return {
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await running;
    },
  };
}
