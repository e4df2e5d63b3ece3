import { pino } from 'pino';
import { systemClock } from '#base/clock.ts';
import { operatorImage } from '#base/image.ts';
import { makeOperator, type OperatorOptions } from '#operator/operator.ts';
import { operatorClient } from './cluster.ts';

/** The operator in this process, with the rights of manifests/; it stops when the test ends (`await using`). */
export async function runOperator(options: Partial<OperatorOptions> = {}): Promise<AsyncDisposable> {
  const stop = new AbortController();
  const { start } = makeOperator({
    client: options.client ?? (await operatorClient()),
    clock: systemClock,
    random: Math.random,
    logger: pino({ level: process.env.LOG_LEVEL ?? 'silent' }),
    fetcherImage: operatorImage,
    allowance: {},
    instance: 'test',
    ...options,
  });
  const running = start(stop.signal);
  return {
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await running;
    },
  };
}
