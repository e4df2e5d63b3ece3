import { expect, test } from 'vitest';
import { lock } from './lock.ts';

test('the second to ask for a lock gets it when the first lets go', async () => {
  const order: string[] = [];
  const first = await lock('lock-test', () => {});
  const waiting = Promise.withResolvers<void>();
  const second = lock('lock-test', waiting.resolve).then((held) => {
    order.push('second');
    return held;
  });
  await waiting.promise;
  order.push('first');
  await first.release();
  await (await second).release();
  expect(order).toEqual(['first', 'second']);
});

test('waiting for a lock can be given up', async () => {
  const held = await lock('lock-abort-test', () => {});
  const abort = new AbortController();
  await expect(lock('lock-abort-test', () => abort.abort(), abort.signal)).rejects.toThrow('aborted');
  await held.release();
});
