import { describe, expect, test } from 'vitest';
import { watchUntil } from '#kube/cache/watch-until.ts';
import { ApiError, ConnectionError } from '#kube/client/errors.ts';
import { type ConfigMap, configMap, configMaps, scriptedReader, stream } from '../fixtures.ts';
import { ManualClock } from '../manual-clock.ts';

const fail = (error: Error) => () => {
  throw error;
};
const modified = (object: ConfigMap) => ({ type: 'MODIFIED', object });
const deleted = (object: ConfigMap) => ({ type: 'DELETED', object });
const before = configMap('a', '1', { state: 'before' });
const after = configMap('a', '2', { state: 'after' });
const gone = new ApiError('GET /x', 410, { reason: 'Expired' });

/** Waits until the ConfigMap is as `after`, or is gone. */
async function until(script: Parameters<typeof scriptedReader>[0], signal = new AbortController().signal) {
  const clock = new ManualClock();
  const client = scriptedReader(script);
  const found = watchUntil<ConfigMap, string>(client, configMaps, {
    namespace: 'default',
    fieldSelector: 'metadata.name=a',
    predicate: ([object]) => (object ? [object.data?.state].find((state) => state === 'after') : 'gone'),
    signal,
    clock,
    random: () => 0,
  });
  let isSettled = false;
  const settle = () => {
    isSettled = true;
  };
  found.then(settle, settle);
  while (!isSettled) {
    await new Promise(setImmediate);
    if (!isSettled && clock.next !== undefined) clock.advance(clock.next);
  }
  return found;
}

describe('watching until', () => {
  test.each<{ name: string; given: Parameters<typeof until>[0]; want: string }>([
    { name: 'what is so already', given: [stream('2', [after])], want: 'after' },
    { name: 'nothing is there', given: [stream('2', [])], want: 'gone' },
    { name: 'a change', given: [stream('1', [before], modified(after))], want: 'after' },
    { name: 'a deletion', given: [stream('1', [before], deleted(before))], want: 'gone' },
    {
      name: 'a change after the connection broke',
      given: [stream('1', [before]), fail(new ConnectionError('reset')), [modified(after)]],
      want: 'after',
    },
    {
      name: 'a change that only a new list shows',
      given: [stream('1', [before]), fail(gone), stream('9', [after])],
      want: 'after',
    },
    {
      name: 'a deletion that only a new list shows',
      given: [stream('1', [before]), fail(gone), stream('9', [])],
      want: 'gone',
    },
    {
      name: 'a change when the server is back',
      given: [fail(new ApiError('GET /x', 503, {})), stream('2', [after])],
      want: 'after',
    },
  ])('$name', async ({ given, want }) => {
    expect(await until(given)).toBe(want);
  });

  test('a server that refuses ends it', async () => {
    const forbidden = new ApiError('GET /x', 403, { reason: 'Forbidden', message: 'you may not' });
    await expect(until([fail(forbidden)])).rejects.toBe(forbidden);
  });

  test('its signal ends it', async () => {
    const reason = new Error('enough');
    await expect(until([stream('1', [before])], AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
