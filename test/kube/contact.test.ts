import { expect, test } from 'vitest';
import type { Reader } from '../../src/kube/client.ts';
import { Contact } from '../../src/kube/contact.ts';
import { collect, configMap, configMaps, scriptedReader } from './fixtures.ts';

let now = 0;

function observed(script: Parameters<typeof scriptedReader>[0]) {
  const contact = new Contact(() => now);
  const { list, watch } = contact.through(scriptedReader(script));
  return { contact, list, watch };
}

const page = { items: [], resourceVersion: '1' };
const bookmark = { type: 'BOOKMARK', object: configMap('a', '2') };
const fail = () => {
  throw new Error('down');
};

test('between requests it is not silent, however long the pause and whatever ended the last one', async () => {
  const { contact, list, watch } = observed([page, fail, [bookmark], fail]);
  const look = () => {
    now += 3_600_000;
    return contact.silentMs;
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
  const { contact, ...reader } = observed([]);
  ask(reader);
  now += 7000;
  expect(contact.silentMs).toBe(7000);
});

test('each event and bookmark of a watch is a sign', async () => {
  const gate = Promise.withResolvers<void>();
  const contact = new Contact(() => now);
  const reader = {
    ...scriptedReader([]),
    async *watch() {
      yield bookmark;
      await gate.promise;
      yield bookmark;
      await new Promise(() => {});
    },
  } as unknown as Reader;
  const events = contact.through(reader).watch(configMaps, { resourceVersion: '1' })[Symbol.asyncIterator]();
  await events.next();
  const next = events.next();
  now += 5000;
  expect(contact.silentMs).toBe(5000);
  gate.resolve();
  await next;
  expect(contact.silentMs).toBe(0);
});
