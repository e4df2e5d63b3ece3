import { describe, expect, test } from 'vitest';
import { ApiError } from '../../src/kube/errors.ts';
import { type Input, type State, step, type WatcherEvent, watcher } from '../../src/kube/watcher.ts';
import { type ConfigMap, collect, configMap, configMaps, scriptedReader } from './fixtures.ts';
import { ManualClock } from './manual-clock.ts';

const a = configMap('a', '1');
const b = configMap('b', '2');
const bookmark = { metadata: { resourceVersion: '9' } } as ConfigMap;
const gone = new ApiError('GET /x', 410, { reason: 'Expired' });
const failed = new ApiError('GET /x', 500, {});

const start: State = { name: 'Listing' };
const midList: State = { name: 'Listing', continue: 'token' };
const watching: State = { name: 'Watching', resourceVersion: '5' };
const at = (resourceVersion: string): State => ({ name: 'Watching', resourceVersion });

const page = (items: ConfigMap[], next?: string): Input<ConfigMap> => ({
  type: 'page',
  page: { items, resourceVersion: '5', ...(next && { continue: next }) },
});
const event = (type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK', object: ConfigMap): Input<ConfigMap> => ({
  type: 'event',
  event: { type, object },
});
const error = (e: unknown): Input<ConfigMap> => ({ type: 'error', error: e });

const summary = (events: readonly WatcherEvent<ConfigMap>[]): string =>
  events.map((e) => ('object' in e ? `${e.type}(${e.object.metadata.name})` : e.type)).join(' ');

describe('step', () => {
  test.each<[string, State, Input<ConfigMap>, State, string]>([
    [
      'an only page starts the watch',
      start,
      page([a, b]),
      watching,
      'Init InitApply(a) InitApply(b) InitDone',
    ],
    ['an empty list is a list', start, page([]), watching, 'Init InitDone'],
    ['a first page asks for the next', start, page([a], 'token'), midList, 'Init InitApply(a)'],
    [
      'a middle page asks for the next',
      midList,
      page([b], 'more'),
      { ...midList, continue: 'more' },
      'InitApply(b)',
    ],
    ['a last page starts the watch', midList, page([b]), watching, 'InitApply(b) InitDone'],
    ['an expired continue token starts the list again', midList, error(gone), start, ''],
    ['a failed page is asked for again', midList, error(failed), midList, ''],
    ['a failed first page is asked for again', start, error(failed), start, ''],
    ['ADDED applies and moves on', watching, event('ADDED', configMap('a', '6')), at('6'), 'Apply(a)'],
    ['MODIFIED applies and moves on', watching, event('MODIFIED', configMap('a', '7')), at('7'), 'Apply(a)'],
    ['DELETED deletes and moves on', watching, event('DELETED', configMap('a', '8')), at('8'), 'Delete(a)'],
    ['a bookmark only moves on', watching, event('BOOKMARK', bookmark), at('9'), ''],
    ['a watch that ended goes on where it was', watching, { type: 'end' }, watching, ''],
    ['a broken watch goes on where it was', watching, error(new Error('reset')), watching, ''],
    ['an expired resourceVersion lists again', watching, error(gone), start, ''],
  ])('%s', (_, state, input, next, emitted) => {
    const result = step(state, input);
    expect(result.state).toEqual(next);
    expect(summary(result.emit)).toBe(emitted);
  });
});

/** Runs a watcher over a script until the script is used up; gives what it emitted, requested and waited. */
async function follow(script: Parameters<typeof scriptedReader>[0]) {
  const clock = new ManualClock();
  const stop = new AbortController();
  const client = scriptedReader([...script, () => void stop.abort()]);
  const delays: number[] = [];
  const onError = (_: unknown, retryInMs: number): void => {
    delays.push(retryInMs);
    setImmediate(() => clock.advance(retryInMs));
  };
  const options = { client, resource: configMaps, clock, random: () => 0, onError };
  const emitted = await collect(watcher<ConfigMap>(options, stop.signal));
  return { emitted: summary(emitted), requests: client.requests.slice(0, script.length), delays };
}

const fail = (e: unknown) => () => {
  throw e;
};
const list = { items: [a], resourceVersion: '5' };
const added = (name: string, resourceVersion: string) => ({
  type: 'ADDED',
  object: configMap(name, resourceVersion),
});

describe('watcher', () => {
  test('pages through the list, then watches from its resourceVersion', async () => {
    const { emitted, requests } = await follow([
      { ...list, continue: 'x' },
      { items: [b], resourceVersion: '5' },
      [added('c', '6')],
    ]);
    expect(emitted).toBe('Init InitApply(a) InitApply(b) InitDone Apply(c)');
    expect(requests).toEqual(['list', 'list continue=x', 'watch resourceVersion=5']);
  });

  test('resumes an ended watch from the last resourceVersion without waiting', async () => {
    const { requests, delays } = await follow([list, [added('b', '6')], [added('c', '7')]]);
    expect(requests).toEqual(['list', 'watch resourceVersion=5', 'watch resourceVersion=6']);
    expect(delays).toEqual([]);
  });

  test('lists again after 410, but never without a pause', async () => {
    const { requests, delays } = await follow([list, fail(gone), list, fail(gone), list]);
    expect(requests).toEqual(['list', 'watch resourceVersion=5', 'list', 'watch resourceVersion=5', 'list']);
    expect(delays).toEqual([800, 1600]);
  });

  test('does not let an outage delay the list that follows it', async () => {
    const { delays } = await follow([list, ...Array(5).fill(fail(failed)), fail(gone), list]);
    expect(delays).toEqual([800, 1600, 3200, 6400, 12_800, 800]);
  });

  test('waits longer after each failure, up to 30 s, and goes on for ever', async () => {
    const { delays } = await follow(Array(8).fill(fail(failed)));
    expect(delays).toEqual([800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]);
  });

  test('waits as long as the server asks with Retry-After', async () => {
    const { delays } = await follow([fail(new ApiError('GET /x', 429, {}, 7)), list]);
    expect(delays).toEqual([7000]);
  });

  test('does not hammer a server that ends each watch at once', async () => {
    const { delays } = await follow([list, [], [], []]);
    expect(delays).toEqual([800, 1600, 3200]);
  });
});
