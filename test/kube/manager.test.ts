import { expect, test } from 'vitest';
import { Controller } from '../../src/kube/controller.ts';
import { aborted } from '../../src/kube/deadline.ts';
import { type Cache, Manager } from '../../src/kube/manager.ts';
import { recordingLogger } from './fixtures.ts';
import { ManualClock } from './manual-clock.ts';

function setUp() {
  const events: string[] = [];
  const sync = Promise.withResolvers<void>();
  const cache: Cache = {
    synced: sync.promise,
    async run(signal) {
      events.push('cache starts');
      await aborted(signal);
      events.push('cache stops');
    },
  };
  const logger = recordingLogger();
  const reconcile = async (key: string, { signal }: { signal: AbortSignal }) => {
    events.push(`reconcile ${key}`);
    await aborted(signal);
    events.push(`end of ${key}`);
    return {};
  };
  const clock = new ManualClock();
  const controller = new Controller({ name: 'test', reconcile, clock, random: () => 0, logger });
  return {
    events,
    sync,
    cache,
    clock,
    controller,
    manager: new Manager({ caches: [cache], controllers: [controller], logger }),
  };
}

const settled = () => new Promise(setImmediate);

test('starts caches, waits for them, then works; stops in the opposite order and waits for the last reconcile', async () => {
  const { events, sync, clock, controller, manager } = setUp();
  const stop = new AbortController();
  const run = manager.start(stop.signal);
  controller.enqueue('a');
  await settled();
  expect(events).toEqual(['cache starts']);
  sync.resolve();
  await settled();
  stop.abort();
  await settled();
  clock.advance(10_000);
  await run;
  expect(events).toEqual(['cache starts', 'reconcile a', 'end of a', 'cache stops']);
});

test('can be stopped before the caches are in sync', async () => {
  const { events, manager } = setUp();
  const stop = new AbortController();
  const run = manager.start(stop.signal);
  stop.abort();
  await run;
  expect(events).toEqual(['cache starts', 'cache stops']);
});

test('a cache that breaks while controllers work stops them', async () => {
  const { controller, cache, sync, events } = setUp();
  const failure = Promise.withResolvers<void>();
  const broken: Cache = { synced: sync.promise, run: () => failure.promise };
  const manager = new Manager({
    caches: [cache, broken],
    controllers: [controller],
    logger: recordingLogger(),
  });
  const run = manager.start(new AbortController().signal);
  sync.resolve();
  await settled();
  failure.reject(new Error('broken'));
  await expect(run).rejects.toThrow('broken');
  expect(events).toEqual(['cache starts', 'cache stops']);
});

test('a cache that breaks ends everything and is the error of the manager', async () => {
  const { controller, events } = setUp();
  const broken: Cache = { synced: new Promise(() => {}), run: () => Promise.reject(new Error('broken')) };
  const manager = new Manager({ caches: [broken], controllers: [controller], logger: recordingLogger() });
  await expect(manager.start(new AbortController().signal)).rejects.toThrow('broken');
  expect(events).toEqual([]);
});
