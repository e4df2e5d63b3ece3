import { expect, test } from 'vitest';
import { WatchLiveness } from '#kube/cache/reflector.ts';
import type { Reader } from '#kube/client/client.ts';
import { collect, configMap, configMaps, scriptedReader } from '../fixtures.ts';

let now = 0;

function observed(script: Parameters<typeof scriptedReader>[0]) {
  const liveness = new WatchLiveness(() => now);
  const { list, watch } = liveness.wrap(scriptedReader(script));
  return { liveness, list, watch };
}

const page = { items: [], resourceVersion: '1' };
const bookmark = { type: 'BOOKMARK', object: configMap('a', '2') };
const fail = () => {
  throw new Error('down');
};

test('between requests it is not silent, however long the pause and whatever ended the last one', async () => {
  const { liveness, list, watch } = observed([page, fail, [bookmark], fail]);
  const look = () => {
    now += 3_600_000;
    return liveness.silentMs;
  };
  expect(look()).toBe(0);
  await list(configMaps);
  expect(look()).toBe(0);
  await list(configMaps).catch(() => {});
  expect(look()).toBe(0);
  await collect(watch(configMaps, { resourceVersion: '1' }));
  expect(look()).toBe(0);
  await collect(watch(configMaps, { resourceVersion: '1' })).catch(() => {});
  expect(look()).toBe(0);
});

test.each<[string, (reader: Pick<Reader, 'list' | 'watch'>) => Promise<unknown>]>([
  ['list', ({ list }) => list(configMaps)],
  ['watch', ({ watch }) => collect(watch(configMaps, { resourceVersion: '1' }))],
])('a %s that never ends is silent since it began', async (_, ask) => {
  const { liveness, ...reader } = observed([]);
  ask(reader);
  now += 7000;
  expect(liveness.silentMs).toBe(7000);
});

test('each event and bookmark of a watch is a sign', async () => {
  const gate = Promise.withResolvers<void>();
  const liveness = new WatchLiveness(() => now);
  const reader = {
    ...scriptedReader([]),
    async *watch() {
      yield bookmark;
      await gate.promise;
      yield bookmark;
      await new Promise(() => {});
    },
  } as unknown as Reader;
  const events = liveness.wrap(reader).watch(configMaps, { resourceVersion: '1' })[Symbol.asyncIterator]();
  await events.next();
  const next = events.next();
  now += 5000;
  expect(liveness.silentMs).toBe(5000);
  gate.resolve();
  await next;
  expect(liveness.silentMs).toBe(0);
});
