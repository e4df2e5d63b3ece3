import { expect, test } from 'vitest';
import { LeaderElector, LeadershipLostError, type LeaseTimes } from '#kube/election/leader-election.ts';
import { fieldManager, lease, settled, setUp } from '../electors.ts';
import { recordingLogger } from '../fixtures.ts';
import { LeaseServer, type Network } from '../lease-server.ts';
import { ManualClock } from '../manual-clock.ts';

const refuse: Network = async () => {
  throw new Error('connection refused');
};

test('creates the Lease where there is none, and renews it', async () => {
  const { server, clock, elect, pass } = setUp();
  clock.jump(Date.UTC(2026, 0, 2, 3, 4, 5, 678));
  const { elector, works } = elect('a');
  expect(elector.isLeader).toBe(false);
  await pass(0);
  expect(elector.isLeader).toBe(true);
  expect(works).toHaveLength(1);
  expect(server.lease?.spec).toEqual({
    holderIdentity: 'a',
    leaseDurationSeconds: 15,
    acquireTime: '2026-01-02T03:04:05.678000Z',
    renewTime: '2026-01-02T03:04:05.678000Z',
    leaseTransitions: 0,
  });

  await pass(60_000);
  expect(elector.isLeader).toBe(true);
  expect(server.lease?.spec).toMatchObject({
    acquireTime: '2026-01-02T03:04:05.678000Z',
    renewTime: '2026-01-02T03:05:05.678000Z',
    leaseTransitions: 0,
  });
  // A renewal is one request.
  expect(server.requests).toEqual(['get', 'create a', ...Array(30).fill('patch a')]);
});

test('takes the Lease of a process that is gone as soon as it has run out, and not before', async () => {
  const { server, elect, pass } = setUp();
  server.hold('gone', { leaseTransitions: 4 });
  const { elector } = elect('a');
  await pass(15_000 - 1);
  expect(elector.isLeader).toBe(false);
  await pass(1);
  expect(elector.isLeader).toBe(true);
  expect(server.lease?.spec).toMatchObject({ holderIdentity: 'a', leaseTransitions: 5 });
});

test('each change of the Lease makes it wait anew', async () => {
  const { server, elect, pass } = setUp();
  server.hold('other');
  const { elector } = elect('a');
  for (let i = 0; i < 10; i++) {
    await pass(12_000);
    server.hold('other');
  }
  expect(elector.isLeader).toBe(false);
});

test.each([-3_600_000, 3_600_000])(
  'a wall clock that is set by %i ms makes nobody lead, and nobody lose',
  async (jump) => {
    const { clock, elect, pass } = setUp();
    const a = elect('a');
    await pass(5000);
    const b = elect('b');
    await pass(5000);
    clock.jump(jump);
    await pass(30_000);
    expect([a.elector.isLeader, b.elector.isLeader]).toEqual([true, false]);
  },
);

test('of two that want the Lease at once, one gets it, and the other waits', async () => {
  const { server, elect, pass } = setUp();
  const both = [elect('a'), elect('b')];
  await pass(10_000);
  expect(both.map(({ elector }) => elector.isLeader)).toEqual([true, false]);
  expect(server.requests.slice(0, 5)).toEqual(['get', 'get', 'create a', 'create b', 'get']);
});

test('loses as soon as somebody else has taken the Lease', async () => {
  const { server, elect, pass } = setUp();
  const { elector, works, ended } = elect('a');
  await pass(1000);
  server.hold('b');
  await pass(1000);
  expect(elector.isLeader).toBe(false);
  expect(works[0]?.reason).toBeInstanceOf(LeadershipLostError);
  expect(await ended).toMatchObject({ message: expect.stringContaining('"b" holds it') });
  expect(server.lease?.spec?.holderIdentity).toBe('b');
});

test('errors that end before the deadline cost nothing', async () => {
  const { elect, pass } = setUp();
  let network: Network = async (send) => send();
  const { elector } = elect('a', (send) => network(send));
  await pass(0);
  network = refuse;
  await pass(7000);
  network = async (send) => send();
  await pass(30_000);
  expect(elector.isLeader).toBe(true);
});

test.each<[string, Network]>([
  ['is refused', refuse],
  ['gets no answer', () => new Promise(() => {})],
  ['succeeds, but says so too late', (send) => Promise.resolve(send()).then(() => new Promise(() => {}))],
])('a leader whose every request %s loses at the deadline, not later', async (_, broken) => {
  const { logger, elect, pass } = setUp();
  let network: Network = async (send) => send();
  const { elector, works, ended } = elect('a', (send) => network(send));
  await pass(0);
  network = broken;
  await pass(10_000 - 1);
  expect([elector.isLeader, works[0]?.aborted]).toEqual([true, false]);
  await pass(1);
  expect([elector.isLeader, works[0]?.aborted]).toEqual([false, true]);
  const sentence = 'lost the Lease system/operator (not renewed for 10 s); start this process again';
  expect(await ended).toMatchObject({ message: sentence });
  expect(logger.entries.filter(({ level }) => level === 'error').map(({ message }) => message)).toEqual([
    sentence,
  ]);
});

test('a renewal whose answer was lost is no conflict with oneself', async () => {
  const { elect, pass } = setUp();
  let lost = 0;
  const { elector } = elect('a', async (send) => {
    const answer = send();
    if (lost-- > 0) throw new Error('connection reset');
    return answer;
  });
  await pass(0);
  lost = 1;
  await pass(60_000);
  expect(elector.isLeader).toBe(true);
});

test('a process that was suspended beyond the deadline may not write, even before a timer has told it', async () => {
  const { clock, elect, pass } = setUp();
  const { elector, works } = elect('a');
  await pass(1000);
  expect(() => elector.assertLeading()).not.toThrow();
  clock.suspend(20_000);
  expect(works[0]?.aborted).toBe(false);
  expect(() => elector.assertLeading()).toThrow('does not hold the Lease system/operator');
  await pass(0);
  clock.advance(0);
  expect(works[0]?.aborted).toBe(true);
});

test('a renewal counts from when it was sent, not from its answer, which a suspended process hears late', async () => {
  const { clock, elect, pass } = setUp();
  let answer: (() => void) | undefined;
  let slow = false;
  const { elector } = elect('a', async (send) => {
    const lease = send();
    if (slow) await new Promise<void>((resolve) => (answer = resolve));
    return lease;
  });
  await pass(1000);
  slow = true;
  await pass(1000);
  clock.suspend(20_000);
  answer?.();
  await settled();
  expect(elector.isLeader).toBe(false);
});

test('the Lease is free when the work has ended, not before, and the next one need not wait', async () => {
  const { server, elect, pass } = setUp();
  const a = elect('a');
  await pass(0);
  const b = elect('b');
  await pass(2000);
  a.stop.abort();
  await pass(20_000);
  expect([a.elector.isLeader, server.lease?.spec?.holderIdentity]).toEqual([true, 'a']);
  a.finish.resolve();
  expect(await a.ended).toBe('ended');
  expect(a.elector.isLeader).toBe(false);
  expect(server.lease?.spec).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1 });
  await pass(2000);
  expect(b.elector.isLeader).toBe(true);
  expect(server.lease?.spec).toMatchObject({
    holderIdentity: 'b',
    leaseDurationSeconds: 15,
    leaseTransitions: 1,
  });
});

test('does not set free what somebody else has taken meanwhile', async () => {
  const { server, elect, pass } = setUp();
  let network: Network = async (send) => send();
  const { stop, finish, ended } = elect('a', (send) => network(send));
  await pass(0);
  network = refuse;
  await pass(2000);
  network = async (send) => send();
  server.hold('b');
  stop.abort();
  finish.resolve();
  await ended;
  expect(server.lease?.spec?.holderIdentity).toBe('b');
});

test('a renewal that nobody can see, as the wall clock was set back to the one before, is none', async () => {
  const { clock, elect, pass } = setUp();
  const { elector } = elect('a');
  await pass(1000);
  for (let i = 0; i < 5; i++) {
    clock.jump(-2000);
    await pass(2000);
  }
  expect(elector.isLeader).toBe(false);
});

test('work that breaks leaves the Lease to run out, and no timer behind', async () => {
  const { server, clock, elect, pass } = setUp();
  const { stop, finish, ended } = elect('a');
  await pass(0);
  stop.abort();
  finish.reject(new Error('a reconcile did not end'));
  expect(await ended).toMatchObject({ message: 'a reconcile did not end' });
  expect(server.lease?.spec?.holderIdentity).toBe('a');
  expect(clock.next).toBeUndefined();
});

test('can be stopped while it waits', async () => {
  const { server, elect, pass } = setUp();
  server.hold('other');
  const { works, stop, ended } = elect('a');
  await pass(3000);
  stop.abort();
  expect(await ended).toBe('ended');
  expect(works).toEqual([]);
  expect(server.lease?.spec?.holderIdentity).toBe('other');
});

test('keeps going while it cannot reach the server', async () => {
  const { logger, elect, pass } = setUp();
  let network: Network = refuse;
  const { elector } = elect('a', (send) => network(send));
  await pass(60_000);
  network = async (send) => send();
  await pass(2000);
  expect(elector.isLeader).toBe(true);
  expect(logger.entries).toContainEqual(
    expect.objectContaining({
      level: 'warn',
      message: 'cannot get the Lease system/operator: connection refused',
    }),
  );
});

test.each<{ given: Partial<LeaseTimes>; want: string }>([
  { given: { leaseDurationMs: 10_000 }, want: 'renewDeadline must be shorter than leaseDuration' },
  { given: { renewDeadlineMs: 2400 }, want: 'retryPeriod must be shorter than renewDeadline divided by 1.2' },
  { given: { leaseDurationMs: 15_500 }, want: 'leaseDuration must be whole seconds' },
])('times that do not fit each other are refused: $given', ({ given, want }) => {
  const clock = new ManualClock();
  const client = new LeaseServer().client(clock);
  const logger = recordingLogger();
  const options = { client, clock, logger, lease, identity: 'a', fieldManager, random: () => 0 };
  expect(() => new LeaderElector({ ...options, ...given })).toThrow(want);
});
