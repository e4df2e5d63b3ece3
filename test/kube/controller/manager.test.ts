import { describe, expect, test } from 'vitest';
import { aborted } from '#base/deadline.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import { Controller } from '#kube/controller/controller.ts';
import { type Cache, Manager } from '#kube/controller/manager.ts';
import { LeaderElector } from '#kube/election/leader-election.ts';
import { FedInformer } from '../../support/informer.ts';
import { recordingLogger } from '../fixtures.ts';
import { LeaseServer } from '../lease-server.ts';
import { ManualClock } from '../manual-clock.ts';

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
  const options = { clock, random: () => 0, logger };
  const controller = new Controller({ ...options, name: 'test', reconcile });
  const models = new FedInformer<KubernetesObject>();
  controller.for(models);
  const server = new LeaseServer();
  const leaderElection = new LeaderElector({
    ...options,
    client: server.client(clock),
    lease: { namespace: 'system', name: 'operator' },
    identity: 'a',
    fieldManager: 'test',
  });
  return {
    events,
    sync,
    cache,
    clock,
    controller,
    models,
    server,
    leaderElection,
    manager: new Manager({ caches: [cache], controllers: [controller], logger }),
    candidate: new Manager({
      caches: [cache],
      controllers: [controller],
      events: {
        async close(lost) {
          const isAborted = lost?.aborted ? ', aborted' : '';
          events.push(`events close while ${server.lease?.spec?.holderIdentity} leads${isAborted}`);
        },
      },
      logger,
      leaderElection,
    }),
  };
}

const settled = () => new Promise(setImmediate);

test('starts caches, waits for them, then works; stops in the opposite order and waits for the last reconcile', async () => {
  const { events, sync, clock, models, manager } = setUp();
  const stop = new AbortController();
  const run = manager.start(stop.signal);
  models.bring({ metadata: { name: 'a' } });
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

test('waits for all caches to end, also when one of them breaks', async () => {
  const { cache, events } = setUp();
  const slow: Cache = {
    ...cache,
    async run(signal) {
      await aborted(signal);
      await settled();
      events.push('slow cache stops');
    },
  };
  const broken: Cache = { ...cache, run: () => Promise.reject(new Error('broken')) };
  const manager = new Manager({ caches: [broken, slow], controllers: [], logger: recordingLogger() });
  await expect(manager.start(new AbortController().signal)).rejects.toThrow('broken');
  expect(events).toEqual(['slow cache stops']);
});

describe('with leader election', () => {
  test('a standby fills its caches and works when it leads', async () => {
    const { events, sync, clock, models, server, candidate } = setUp();
    server.hold('other');
    const stop = new AbortController();
    const run = candidate.start(stop.signal);
    models.bring({ metadata: { name: 'a' } });
    await settled();
    expect(server.requests).toEqual([]);
    sync.resolve();
    for (let i = 0; i < 7; i++) await clock.toNextTimer();
    expect(events).toEqual(['cache starts']);
    expect(candidate.isLeader).toBe(false);
    await clock.toNextTimer();
    await settled();
    expect(events).toEqual(['cache starts', 'reconcile a']);
    expect(candidate.isLeader).toBe(true);
    stop.abort();
    for (let left = 10_000; left > 0; left -= await clock.toNextTimer());
    await run;
  });

  test('keeps the Lease while it drains, and sets it free when the last reconcile has ended and the last Event is written', async () => {
    const { events, sync, clock, models, server, candidate } = setUp();
    const stop = new AbortController();
    const run = candidate.start(stop.signal);
    models.bring({ metadata: { name: 'a' } });
    sync.resolve();
    await settled();
    stop.abort();
    for (let left = 10_000; left > 0; left -= await clock.toNextTimer())
      expect([server.lease?.spec?.holderIdentity, events.at(-1)]).toEqual(['a', 'reconcile a']);
    await run;
    expect(events).toEqual([
      'cache starts',
      'reconcile a',
      'end of a',
      'events close while a leads',
      'cache stops',
    ]);
    expect(server.requests.at(-1)).toBe('patch ');
  });

  test('aborts all work at once when it loses the Lease, and ends with the reason', async () => {
    const { events, sync, clock, models, server, candidate } = setUp();
    const run = candidate.start(new AbortController().signal);
    const outcome = expect(run).rejects.toThrow('lost the Lease system/operator ("other" holds it)');
    models.bring({ metadata: { name: 'a' } });
    sync.resolve();
    await settled();
    server.hold('other');
    await clock.toNextTimer();
    await outcome;
    expect(clock.monotonic()).toBe(2000);
    expect(events).toEqual([
      'cache starts',
      'reconcile a',
      'end of a',
      'events close while other leads, aborted',
      'cache stops',
    ]);
  });
});
