import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '#base/clock.ts';
import { aborted } from '#base/deadline.ts';
import type { RestClient } from '#kube/client/rest.ts';
import { LeaderElector, type LeaderElectorOptions } from '#kube/election/leader-election.ts';
import { type Lease, leaseResource } from '#kube/election/lease-lock.ts';
import { adminClient } from '../support/cluster.ts';
import { namespace } from '../support/namespace.ts';
import { waitFor } from '../support/wait.ts';

const logger = pino({ level: process.env.LOG_LEVEL ?? 'silent' });

describe('leader election', () => {
  let client: RestClient;
  beforeAll(async () => {
    client = await adminClient();
  });

  /** Starts an elector that works until it is stopped or loses; tells when it leads and how it ended. */
  function elect(namespace: string, via: LeaderElectorOptions['client'] = client) {
    const identity = randomUUID();
    const elector = new LeaderElector({
      client: via,
      clock: systemClock,
      random: Math.random,
      logger,
      lease: { namespace, name: 'operator' },
      identity,
      fieldManager: 'test',
      leaseDurationMs: 6000,
      renewDeadlineMs: 5000,
      retryPeriodMs: 200,
    });
    const stop = new AbortController();
    const leading = Promise.withResolvers<void>();
    const ended = elector.run(stop.signal, async (lost) => {
      leading.resolve();
      await aborted(lost, stop.signal);
    });
    return { elector, identity, stop, leads: leading.promise, ended };
  }

  const lease = (namespace: string, check: (spec: Lease['spec']) => boolean) =>
    waitFor<Lease>(client, leaseResource, { namespace, name: 'operator' }, (found) => check(found?.spec));

  it('goes over when the leader can no longer renew, which then has stopped', async () => {
    await using ns = await namespace(client);
    let connected = true;
    const refuse = async () => {
      throw new Error('no route to host');
    };
    const first = elect(ns.name, {
      get: (...request) => (connected ? client.get(...request) : refuse()),
      create: (...request) => (connected ? client.create(...request) : refuse()),
      patch: (...request) => (connected ? client.patch(...request) : refuse()),
    });
    const ended = expect(first.ended).rejects.toThrow('not renewed for 5 s');
    await first.leads;
    const { spec } = (await lease(ns.name, (each) => each?.renewTime !== each?.acquireTime)) ?? {};
    expect(spec).toMatchObject({
      holderIdentity: first.identity,
      leaseDurationSeconds: 6,
      leaseTransitions: 0,
    });

    const second = elect(ns.name);
    connected = false;
    await second.leads;
    expect(first.elector.isLeader).toBe(false);
    await ended;
    const after = await lease(ns.name, (each) => each?.holderIdentity === second.identity);
    expect(after?.spec?.leaseTransitions).toBe(1);
    second.stop.abort();
    await second.ended;
  });

  it('goes over at once when the leader releases it', async () => {
    await using ns = await namespace(client);
    const first = elect(ns.name);
    await first.leads;
    const second = elect(ns.name);
    first.stop.abort();
    await first.ended;
    expect(first.elector.isLeader).toBe(false);
    await second.leads;
    second.stop.abort();
    await second.ended;
    const released = await lease(ns.name, (each) => each?.holderIdentity === '');
    expect(released?.spec).toMatchObject({ leaseDurationSeconds: 1, leaseTransitions: 1 });
  });

  it('gives the Lease to one of many that want it at the same time', async () => {
    await using ns = await namespace(client);
    const all = Array.from({ length: 5 }, () => elect(ns.name));
    const leaders = new Set<string>();
    for (let left = all; left.length > 0; left = left.filter(({ identity }) => !leaders.has(identity))) {
      const leader = await Promise.race(left.map((each) => each.leads.then(() => each)));
      expect(all.filter(({ elector }) => elector.isLeader)).toEqual([leader]);
      leaders.add(leader.identity);
      leader.stop.abort();
      await leader.ended;
    }
  });
});
