import { expect, test } from 'vitest';
import { ApiError } from '#kube/client/errors.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import { EventRecorder } from '#kube/controller/events.ts';
import { configMap, recordingLogger } from '../fixtures.ts';
import { ManualClock } from '../manual-clock.ts';

const settled = () => new Promise(setImmediate);
const minutes = (count: number) => count * 60_000;
const refused = { type: 'Warning', reason: 'Refused', action: 'Apply', note: 'not allowed' } as const;

interface SentEvent extends KubernetesObject {
  readonly note: string;
}

/** A recorder whose writes are answered by `respond`; `stopped` rejects when a write is aborted. */
function recording(
  respond: (stopped: Promise<void>) => Promise<void> = async () => {},
  after?: () => Promise<void>,
) {
  const clock = new ManualClock();
  const logger = recordingLogger();
  const created: SentEvent[] = [];
  const writes: string[] = [];
  const stopped = Promise.withResolvers<void>();
  stopped.promise.catch(() => {});
  const recorder = new EventRecorder({
    client: {
      async create(_, object, { signal }) {
        signal?.addEventListener('abort', () => stopped.reject(signal.reason));
        created.push(object as unknown as SentEvent);
        writes.push(`create ${object.metadata.name}`);
        await respond(stopped.promise);
        return object;
      },
      async patch(_, { name }, patch) {
        writes.push(`patch ${name} ${JSON.stringify(patch)}`);
        await respond(stopped.promise);
        return {} as never;
      },
    },
    clock,
    logger,
    controller: 'tester',
    instance: 'tester-1',
    ...(after && { after }),
  });
  const record = async (
    object = configMap('a', '7'),
    content: Parameters<EventRecorder['record']>[1] = refused,
  ) => {
    recorder.record(object, content);
    clock.advance(0);
    await settled();
  };
  return { clock, logger, created, writes, recorder, record };
}

test('an Event says who tells what of whom', async () => {
  const { created, record } = recording();
  await record();
  expect(created).toEqual([
    {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { namespace: 'default', name: 'a.1' },
      eventTime: '1970-01-01T00:00:00.000000Z',
      reportingController: 'tester',
      reportingInstance: 'tester-1',
      ...refused,
      regarding: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        namespace: 'default',
        name: 'a',
        uid: 'uid-a',
        resourceVersion: '7',
      },
    },
  ]);
});

test('the same again is a count in the one Event, written at once and then every five minutes at most', async () => {
  const { clock, writes, record } = recording();
  for (let i = 0; i < 4; i++) await record();
  const series = (count: number, time: string) =>
    `patch a.1 {"series":{"count":${count},"lastObservedTime":"1970-01-01T${time}.000000Z"}}`;
  expect(writes).toEqual(['create a.1', series(2, '00:00:00')]);
  clock.advance(minutes(2));
  await record();
  clock.advance(minutes(3));
  await settled();
  expect(writes.slice(2)).toEqual([series(5, '00:02:00')]);
  clock.advance(minutes(20));
  await settled();
  expect(writes).toHaveLength(3);
});

test('another object, reason or note is another Event', async () => {
  const { created, record } = recording();
  await record();
  await record(configMap('b', '1'));
  await record(undefined, { ...refused, reason: 'Other' });
  await record(undefined, { ...refused, note: 'other' });
  expect(created).toHaveLength(4);
});

test('what has not happened for half an hour begins anew', async () => {
  const { clock, writes, record } = recording();
  await record();
  clock.advance(minutes(31));
  await record();
  expect(writes.map((write) => write.split(' ', 1)[0])).toEqual(['create', 'create']);
});

test('one object cannot flood, and keeps no other from being told', async () => {
  const { clock, created, record } = recording();
  for (let i = 0; i < 40; i++) await record(undefined, { ...refused, note: `note ${i}` });
  expect(created).toHaveLength(25);
  await record(configMap('b', '1'));
  expect(created).toHaveLength(26);
  clock.advance(minutes(5));
  for (let i = 0; i < 3; i++) await record(undefined, { ...refused, note: `later ${i}` });
  expect(created).toHaveLength(27);
});

test('what is told of a namespace that is being deleted is lost without a word', async () => {
  const { writes, logger, record } = recording(async () => {
    const causes = [{ reason: 'NamespaceTerminating', field: 'metadata.namespace' }];
    throw new ApiError('POST', 403, {
      reason: 'Forbidden',
      message: 'is being terminated',
      details: { causes },
    });
  });
  await record();
  expect(writes).toHaveLength(1);
  expect(logger.entries).toEqual([]);
});

test('a write that fails is told in the log, and what happens again begins anew', async () => {
  let down = true;
  const { writes, logger, record } = recording(async () => {
    if (down) throw new Error('down');
  });
  await record();
  down = false;
  await record();
  expect(writes.map((write) => write.split(' ', 1)[0])).toEqual(['create', 'create']);
  expect(logger.entries.map(({ message }) => message)).toEqual(['an Event could not be written: down']);
});

test('recording does not wait, and what piles up behind a server that hangs is dropped', async () => {
  const gate = Promise.withResolvers<void>();
  const { writes, recorder } = recording(() => gate.promise);
  for (let i = 0; i < 10_200; i++) recorder.record(configMap(`a${i}`, '1'), refused);
  await settled();
  expect(writes).toHaveLength(1);
  gate.resolve();
  await settled();
  expect(writes).toHaveLength(10_000);
  await recorder.close();
});

test('Events wait for what is more urgent, and are lost with it', async () => {
  const gate = Promise.withResolvers<void>();
  const { writes, recorder, record } = recording(undefined, () => gate.promise);
  await record();
  expect(writes).toEqual([]);
  gate.resolve();
  await settled();
  expect(writes).toEqual(['create a.1']);
  const {
    writes: never,
    recorder: other,
    record: recordOther,
  } = recording(undefined, () => new Promise(() => {}));
  await recordOther();
  await other.close(AbortSignal.abort());
  await recorder.close();
  expect(never).toEqual([]);
});

test('a long note is cut, and no character with it', async () => {
  const { created, record } = recording();
  await record(undefined, { ...refused, note: '€'.repeat(400) });
  expect(created[0]?.note).toBe('€'.repeat(341));
});

test('closing waits for what is being written, but not for a server that hangs', async () => {
  const gate = Promise.withResolvers<void>();
  const { clock, writes, recorder, record } = recording(() => gate.promise);
  await record(configMap('a', '1'));
  await record(configMap('b', '1'));
  const closed = recorder.close();
  await record(configMap('c', '1'));
  expect(writes).toHaveLength(1);
  clock.advance(1999);
  gate.resolve();
  await closed;
  expect(writes.map((write) => write.split('.', 1)[0])).toEqual(['create a', 'create b']);
});

test('what is not written two seconds after closing is lost', async () => {
  const { clock, writes, recorder, record } = recording((stopped) => stopped);
  await record(configMap('a', '1'));
  await record(configMap('b', '1'));
  const closed = recorder.close();
  await settled();
  clock.advance(2000);
  await closed;
  expect([writes.length, clock.next]).toEqual([1, undefined]);
});

test('a process that lost its Lease writes no more Events', async () => {
  const { clock, writes, recorder, record } = recording((stopped) => stopped);
  await record(configMap('a', '1'));
  await record(configMap('b', '1'));
  await recorder.close(AbortSignal.abort());
  expect([writes.length, clock.next]).toEqual([1, undefined]);
});

test('after closing nothing is told, and no timer is left', async () => {
  const { clock, writes, recorder, record } = recording();
  for (let i = 0; i < 3; i++) await record();
  expect(clock.next).toBe(minutes(5));
  await recorder.close();
  await record();
  expect(clock.next).toBeUndefined();
  expect(writes).toHaveLength(2);
});

test('a wall clock that is set back by hours delays no count', async () => {
  const { clock, writes, recorder, record } = recording();
  await record();
  await record();
  clock.jump(-5 * 3_600_000);
  await record();
  clock.advance(minutes(5));
  await settled();
  expect(writes.filter((write) => write.startsWith('patch'))).toHaveLength(2);
  await recorder.close();
});
