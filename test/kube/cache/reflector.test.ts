import { expect, test } from 'vitest';
import { Reflector } from '#kube/cache/reflector.ts';
import { ApiError } from '#kube/client/errors.ts';
import {
  type ConfigMap,
  configMap,
  configMaps,
  noStreaming,
  recordingLogger,
  scriptedReader,
  stream,
} from '../fixtures.ts';
import { ManualClock } from '../manual-clock.ts';

function reflect(script: Parameters<typeof scriptedReader>[0]) {
  const clock = new ManualClock();
  const stop = new AbortController();
  const logger = recordingLogger();
  // The last request of the script is answered by the end of the run.
  const client = scriptedReader([...script, () => void stop.abort()]);
  const reflector = new Reflector<ConfigMap>({
    client,
    resource: configMaps,
    clock,
    random: () => 0,
    logger,
  });
  const changes: string[] = [];
  reflector.onChange((before, after) => {
    const name = (after ?? before)?.metadata.name;
    changes.push(
      `${name} ${before?.metadata.resourceVersion ?? '-'} -> ${after?.metadata.resourceVersion ?? '-'}`,
    );
  });
  return { reflector, changes, logger, clock, stop: stop.signal };
}

const gone = () => {
  throw new ApiError('GET /x', 410, { message: 'too old resource version' });
};
const list = (resourceVersion: string, ...items: ConfigMap[]) => ({ items, resourceVersion });

test('tells each change once, and after a relist only what differs, deletes included', async () => {
  const { reflector, changes, clock, stop } = reflect([
    noStreaming,
    list('3', configMap('stays', '1'), configMap('changes', '2'), configMap('goes', '3')),
    [{ type: 'MODIFIED', object: configMap('changes', '4') }],
    gone,
    list('9', configMap('stays', '1'), configMap('changes', '8'), configMap('comes', '9')),
  ]);
  const run = reflector.run(stop);
  await clock.toNextTimer();
  await run;
  expect(changes.slice(0, 4)).toEqual(['stays - -> 1', 'changes - -> 2', 'goes - -> 3', 'changes 2 -> 4']);
  expect(changes.slice(4).sort()).toEqual(['changes 4 -> 8', 'comes - -> 9', 'goes 3 -> -']);
  expect(
    reflector.store
      .list()
      .map((o) => o.metadata.name)
      .sort(),
  ).toEqual(['changes', 'comes', 'stays']);
});

test('tells the same of streaming lists', async () => {
  const { reflector, changes, clock, stop } = reflect([
    stream('3', [configMap('stays', '1'), configMap('changes', '2'), configMap('goes', '3')], {
      type: 'MODIFIED',
      object: configMap('changes', '4'),
    }),
    gone,
    [
      { type: 'ADDED', object: configMap('passes', '5') },
      { type: 'DELETED', object: configMap('passes', '6') },
      ...stream('9', [configMap('stays', '1'), configMap('changes', '8'), configMap('comes', '9')]),
    ],
  ]);
  const run = reflector.run(stop);
  await clock.toNextTimer();
  await run;
  expect(changes.slice(0, 4)).toEqual(['stays - -> 1', 'changes - -> 2', 'goes - -> 3', 'changes 2 -> 4']);
  expect(changes.slice(4).sort()).toEqual(['changes 4 -> 8', 'comes - -> 9', 'goes 3 -> -']);
});

test('tells when all was listed anew, also where nothing had changed', async () => {
  const { reflector, changes, clock, stop } = reflect([
    noStreaming,
    list('1', configMap('a', '1')),
    gone,
    list('5', configMap('a', '1')),
  ]);
  reflector.onRelist(() => changes.push('listed'));
  const run = reflector.run(stop);
  await clock.toNextTimer();
  await run;
  expect(changes).toEqual(['a - -> 1', 'listed', 'listed']);
});

test('readers see the old state until a relist is complete', async () => {
  const seen: number[] = [];
  const look = (page: object) => () => {
    seen.push(reflector.store.size);
    return page;
  };
  const { reflector, clock, stop } = reflect([
    noStreaming,
    list('1', configMap('a', '1')),
    gone,
    look({ ...list('5', configMap('b', '2')), continue: 'x' }),
    look(list('5', configMap('c', '3'))),
  ]);
  const run = reflector.run(stop);
  await clock.toNextTimer();
  await run;
  expect([...seen, reflector.store.size]).toEqual([1, 1, 2]);
});

test('is synced when the last page has come, and not before', async () => {
  const { reflector, stop } = reflect([
    noStreaming,
    { ...list('5', configMap('a', '1')), continue: 'x' },
    () => {
      expect(reflector.hasSynced).toBe(false);
      return list('5');
    },
  ]);
  const run = reflector.run(stop);
  await reflector.synced;
  expect(reflector.hasSynced).toBe(true);
  await run;
});

test('a handler that throws is logged, and stops neither the others nor the watch', async () => {
  const { reflector, changes, logger, stop } = reflect([
    noStreaming,
    list('1', configMap('a', '1')),
    [{ type: 'ADDED', object: configMap('b', '2') }],
  ]);
  reflector.onChange(() => {
    throw new Error('oops');
  });
  await reflector.run(stop);
  expect(changes).toEqual(['a - -> 1', 'b - -> 2']);
  expect(logger.entries.map(({ level, message }) => `${level} ${message}`)).toEqual(
    Array(2).fill('error a change handler failed: oops'),
  );
});
