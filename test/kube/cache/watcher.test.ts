import { describe, expect, test } from 'vitest';
import { type WatcherError, watcher } from '#kube/cache/watcher.ts';
import { type Input, type State, start, step, type WatcherEvent } from '#kube/cache/watcher-state.ts';
import { ApiError, ConnectionError, WatchEventError } from '#kube/client/errors.ts';
import { RestClient } from '#kube/client/rest.ts';
import {
  type ConfigMap,
  collect,
  configMap,
  configMaps,
  noStreaming,
  scriptedReader,
  stream,
} from '../fixtures.ts';
import { serve } from '../http-server.ts';
import { ManualClock } from '../manual-clock.ts';

const a = configMap('a', '1');
const b = configMap('b', '2');
const bookmark = { metadata: { resourceVersion: '9' } } as ConfigMap;
const complete = {
  metadata: { resourceVersion: '9', annotations: { 'k8s.io/initial-events-end': 'true' } },
} as unknown as ConfigMap;
const gone = new ApiError('GET /x', 410, { reason: 'Expired' });
const failed = new ApiError('GET /x', 500, {});
const invalid = new ApiError('GET /x', 422, { reason: 'Invalid' });
const bad = new ApiError('GET /x', 400, { reason: 'BadRequest' });

const begun: State = { name: 'Streaming', begun: true };
const lists: State = { name: 'Listing' };
const midList: State = { name: 'Listing', continue: 'token' };
const at = (resourceVersion: string, streams = false): State => ({
  name: 'Watching',
  resourceVersion,
  streams,
});
const watching = at('5');

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
      lists,
      page([a, b]),
      watching,
      'Init InitApply(a) InitApply(b) InitDone',
    ],
    ['an empty list is a list', lists, page([]), watching, 'Init InitDone'],
    ['a first page asks for the next', lists, page([a], 'token'), midList, 'Init InitApply(a)'],
    [
      'a middle page asks for the next',
      midList,
      page([b], 'more'),
      { ...midList, continue: 'more' },
      'InitApply(b)',
    ],
    ['a last page starts the watch', midList, page([b]), watching, 'InitApply(b) InitDone'],
    ['an expired continue token starts the list again', midList, error(gone), lists, ''],
    ['a failed page is asked for again', midList, error(failed), midList, ''],
    ['a failed first page is asked for again', lists, error(failed), lists, ''],
    ['ADDED applies and moves on', watching, event('ADDED', configMap('a', '6')), at('6'), 'Apply(a)'],
    ['MODIFIED applies and moves on', watching, event('MODIFIED', configMap('a', '7')), at('7'), 'Apply(a)'],
    ['DELETED deletes and moves on', watching, event('DELETED', configMap('a', '8')), at('8'), 'Delete(a)'],
    ['a bookmark only moves on', watching, event('BOOKMARK', bookmark), at('9'), ''],
    ['a watch that ended goes on where it was', watching, { type: 'end' }, watching, ''],
    ['a broken watch goes on where it was', watching, error(new Error('reset')), watching, ''],
    ['an expired resourceVersion lists again', watching, error(gone), lists, ''],
    ['a continue token that the server cannot read starts the list again', midList, error(bad), lists, ''],
    ['a resourceVersion that the server cannot read lists again', watching, error(bad), lists, ''],

    ['what exists comes one by one', start, event('ADDED', a), begun, 'Init InitApply(a)'],
    ['and more of it', begun, event('ADDED', b), begun, 'InitApply(b)'],
    ['what changes meanwhile is part of it', begun, event('MODIFIED', b), begun, 'InitApply(b)'],
    ['what goes meanwhile is not', begun, event('DELETED', b), begun, 'InitDelete(b)'],
    ['any other bookmark means nothing', begun, event('BOOKMARK', bookmark), begun, ''],
    ['a marked bookmark completes it', begun, event('BOOKMARK', complete), at('9', true), 'InitDone'],
    ['nothing may exist', start, event('BOOKMARK', complete), at('9', true), 'Init InitDone'],
    ['an invalid streaming list becomes a list', start, error(invalid), lists, ''],
    ['a bad streaming list becomes a list', start, error(bad), lists, ''],
    ['a streaming list without an end becomes a list', begun, { type: 'end' }, lists, ''],
    ['a broken streaming list starts again', begun, error(failed), start, ''],
    ['an expired streaming list starts again', begun, error(gone), start, ''],
    ['after a streaming list, watching goes on', at('9', true), event('ADDED', b), at('2', true), 'Apply(b)'],
    [
      'after a streaming list, an expired resourceVersion streams again',
      at('9', true),
      error(gone),
      start,
      '',
    ],
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
  const errors: string[] = [];
  const onError = ({ name, message }: WatcherError, retryInMs: number): void => {
    delays.push(retryInMs);
    errors.push(`${name}: ${message}`);
    setImmediate(() => clock.advance(retryInMs));
  };
  const options = { client, resource: configMaps, clock, random: () => 0, onError };
  const emitted = await collect(watcher<ConfigMap>(options, stop.signal));
  return { emitted: summary(emitted), requests: client.requests.slice(0, script.length), delays, errors };
}

const fail = (e: unknown) => () => {
  throw e;
};
const list = { items: [a], resourceVersion: '5' };
const added = (name: string, resourceVersion: string) => ({
  type: 'ADDED',
  object: configMap(name, resourceVersion),
});

describe('what failed has the name that kube-rs gives it', () => {
  const broken = new ConnectionError('socket hang up');
  const breaksAfter = async function* (...events: object[]) {
    yield* events;
    throw broken;
  };
  const expired = new WatchEventError('GET /x', 410, { message: 'too old resource version' });
  test.each<{ name: string; given: Parameters<typeof follow>[0]; want: string[] }>([
    {
      name: 'a streaming list that cannot be opened',
      given: [fail(broken), stream('5', [a])],
      want: ['WatchStartFailed: socket hang up'],
    },
    {
      name: 'a list',
      given: [noStreaming, fail(broken), list],
      want: ['InitialListFailed: socket hang up'],
    },
    {
      name: 'a list of a server that names no version to watch from',
      given: [noStreaming, { items: [a], resourceVersion: '' }, list],
      want: ['NoResourceVersion: a list has no resourceVersion'],
    },
    {
      name: 'a watch that breaks off',
      given: [stream('5', [a]), () => breaksAfter(added('b', '6')), [added('c', '7')]],
      want: ['WatchFailed: socket hang up'],
    },
    {
      name: 'a watch that the server ends with an ERROR event',
      given: [stream('5', [a]), fail(expired), stream('9', [a])],
      want: ['WatchError: too old resource version'],
    },
    {
      name: 'a watch that ends as soon as it begins',
      given: [stream('5', [a]), [], [added('b', '6')]],
      want: ['WatchFailed: the server ended the watch at once'],
    },
  ])('$name', async ({ given, want }) => {
    expect((await follow(given)).errors).toEqual(want);
  });
});

describe('watcher', () => {
  test('begins with a streaming list, and goes on in the same watch', async () => {
    const { emitted, requests } = await follow([
      stream('5', [a, b], added('c', '6')),
      fail(gone),
      stream('8', [a]),
      [added('d', '9')],
    ]);
    expect(emitted).toBe(
      'Init InitApply(a) InitApply(b) InitDone Apply(c) Init InitApply(a) InitDone Apply(d)',
    );
    expect(requests).toEqual([
      'watch sendInitialEvents=true',
      'watch resourceVersion=6',
      'watch sendInitialEvents=true',
      'watch resourceVersion=8',
    ]);
  });

  test.each<[string, () => object]>([
    ['refuses a streaming list', noStreaming],
    ['ends it before its end', () => [added('a', '1')]],
  ])('lists at once where the server %s, and never asks for it again', async (_, answer) => {
    const { requests, delays } = await follow([answer, list, fail(gone), list, [added('b', '6')]]);
    expect(requests).toEqual([
      'watch sendInitialEvents=true',
      'list',
      'watch resourceVersion=5',
      'list',
      'watch resourceVersion=5',
    ]);
    expect(delays).toEqual([800]);
  });

  test('understands how an API server without streaming lists refuses', async () => {
    const requests: string[] = [];
    const stop = new AbortController();
    const { connection } = await serve(({ url = '' }, response) => {
      const query = new URL(url, 'http://localhost').searchParams;
      requests.push(query.has('sendInitialEvents') ? 'stream' : query.has('watch') ? 'watch' : 'list');
      if (query.has('sendInitialEvents'))
        response.writeHead(422).end(
          JSON.stringify({
            kind: 'Status',
            code: 422,
            reason: 'Invalid',
            message:
              'sendInitialEvents: Forbidden: forbidden for watch unless the WatchList feature gate is on',
          }),
        );
      else if (query.has('watch')) stop.abort();
      else
        response.end(
          JSON.stringify({ kind: 'ConfigMapList', metadata: { resourceVersion: '5' }, items: [a] }),
        );
    });
    const client = new RestClient(connection);
    const options = { client, resource: configMaps, clock: new ManualClock(), random: () => 0 };
    expect(summary(await collect(watcher<ConfigMap>(options, stop.signal)))).toBe(
      'Init InitApply(a) InitDone',
    );
    expect(requests).toEqual(['stream', 'list', 'watch']);
  });

  test('asks for a streaming list again when it breaks', async () => {
    const { emitted, requests } = await follow([fail(failed), stream('5', [a])]);
    expect(emitted).toBe('Init InitApply(a) InitDone');
    expect(requests).toEqual(Array(2).fill('watch sendInitialEvents=true'));
  });

  test('pages through the list, then watches from its resourceVersion', async () => {
    const { emitted, requests } = await follow([
      noStreaming,
      { ...list, continue: 'x' },
      { items: [b], resourceVersion: '5' },
      [added('c', '6')],
    ]);
    expect(emitted).toBe('Init InitApply(a) InitApply(b) InitDone Apply(c)');
    expect(requests.slice(1)).toEqual(['list', 'list continue=x', 'watch resourceVersion=5']);
  });

  test('resumes an ended watch from the last resourceVersion without waiting', async () => {
    const { requests, delays } = await follow([noStreaming, list, [added('b', '6')], [added('c', '7')]]);
    expect(requests.slice(1)).toEqual(['list', 'watch resourceVersion=5', 'watch resourceVersion=6']);
    expect(delays).toEqual([]);
  });

  test('lists again after 410, but never without a pause', async () => {
    const { requests, delays } = await follow([noStreaming, list, fail(gone), list, fail(gone), list]);
    expect(requests.slice(1)).toEqual([
      'list',
      'watch resourceVersion=5',
      'list',
      'watch resourceVersion=5',
      'list',
    ]);
    expect(delays).toEqual([800, 1600]);
  });

  test('does not let an outage delay the list that follows it', async () => {
    const { delays } = await follow([noStreaming, list, ...Array(5).fill(fail(failed)), fail(gone), list]);
    expect(delays).toEqual([800, 1600, 3200, 6400, 12_800, 800]);
  });

  test('waits longer after each failure, up to 30 s, and goes on for ever', async () => {
    const { delays } = await follow(Array(8).fill(fail(failed)));
    expect(delays).toEqual([800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]);
  });

  test('waits as long as the server asks with Retry-After', async () => {
    const { delays } = await follow([fail(new ApiError('GET /x', 429, {}, 7)), stream('5', [])]);
    expect(delays).toEqual([7000]);
  });

  test('does not hammer a server that ends each watch at once', async () => {
    const nothing = [{ type: 'BOOKMARK', object: bookmark }];
    const { delays } = await follow([noStreaming, list, [], nothing, []]);
    expect(delays).toEqual([800, 1600, 3200]);
  });
});
