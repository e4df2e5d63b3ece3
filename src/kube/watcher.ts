import { type Clock, sleep } from '../clock.ts';
import { Backoff, type Random } from './backoff.ts';
import type { ObjectList, Reader, Selection, WatchEvent } from './client.ts';
import { isGone, retryAfterMs } from './errors.ts';
import type { GroupVersionResource, KubernetesObject } from './objects.ts';

/** Between Init and InitDone comes everything that exists; what is not among it is gone. */
export type WatcherEvent<T> =
  | { readonly type: 'Init' }
  | { readonly type: 'InitApply'; readonly object: T }
  | { readonly type: 'InitDone' }
  | { readonly type: 'Apply'; readonly object: T }
  | { readonly type: 'Delete'; readonly object: T };

/** Where the watcher is: at a page of the list, the first one without a token, or after a resourceVersion. */
export type State =
  | { readonly name: 'Listing'; readonly continue?: string }
  | { readonly name: 'Watching'; readonly resourceVersion: string };

/** What the API server may answer. */
export type Input<T> =
  | { readonly type: 'page'; readonly page: ObjectList<T> }
  | { readonly type: 'event'; readonly event: WatchEvent<T> }
  | { readonly type: 'end' }
  | { readonly type: 'error'; readonly error: unknown };

export interface Step<T> {
  readonly state: State;
  readonly emit: readonly WatcherEvent<T>[];
}

/** The whole protocol of list and watch. */
export function step<T extends KubernetesObject>(state: State, input: Input<T>): Step<T> {
  switch (input.type) {
    case 'page':
      return stepPage(state, input.page);
    case 'event':
      return stepEvent(state, input.event);
    case 'end':
      return { state, emit: [] };
    case 'error':
      // The continue token or the resourceVersion is too old; anything else goes on from where it was.
      return { state: isGone(input.error) ? { name: 'Listing' } : state, emit: [] };
  }
}

function stepPage<T>(state: State, page: ObjectList<T>): Step<T> {
  const first = state.name === 'Listing' && state.continue === undefined;
  const items = page.items.map((object) => ({ type: 'InitApply', object }) as const);
  const emit: WatcherEvent<T>[] = first ? [{ type: 'Init' }, ...items] : items;
  if (page.continue) return { state: { name: 'Listing', continue: page.continue }, emit };
  const next: State = { name: 'Watching', resourceVersion: page.resourceVersion };
  return { state: next, emit: [...emit, { type: 'InitDone' }] };
}

function stepEvent<T extends KubernetesObject>(state: State, { type, object }: WatchEvent<T>): Step<T> {
  const { resourceVersion } = object.metadata;
  const next: State = resourceVersion ? { name: 'Watching', resourceVersion } : state;
  switch (type) {
    case 'BOOKMARK':
      return { state: next, emit: [] };
    case 'DELETED':
      return { state: next, emit: [{ type: 'Delete', object }] };
    default:
      return { state: next, emit: [{ type: 'Apply', object }] };
  }
}

export interface WatcherOptions extends Selection {
  readonly client: Reader;
  readonly resource: GroupVersionResource;
  readonly clock: Clock;
  readonly random: Random;
  /** Told of each failure and the milliseconds until the next attempt. */
  readonly onError?: (error: unknown, retryInMs: number) => void;
}

const pageSize = 500;
/** A watch that ends sooner and without an event counts as failed, or a broken server would be asked without pause. */
const shortestWatchMs = 1000;

/**
 * Follows a collection: all that exists, then each change, until `signal` aborts. No error ends it; each is reported,
 * waited out, and the watch goes on where it was.
 */
export async function* watcher<T extends KubernetesObject>(
  options: WatcherOptions,
  signal: AbortSignal,
): AsyncGenerator<WatcherEvent<T>> {
  const { clock, random } = options;
  const failures = new Backoff(clock, random);
  // An expired resourceVersion comes from a server in good health, and after each restart of one: a short pause will do,
  // however long the outage before. Only a server that never says anything else is asked less and less.
  const expiries = new Backoff(clock, random);
  let state: State = { name: 'Listing' };
  while (!signal.aborted) {
    try {
      for await (const input of inputs<T>(state, options, signal)) {
        const { state: next, emit }: Step<T> = step<T>(state, input);
        state = next;
        yield* emit;
      }
    } catch (error) {
      if (signal.aborted) return;
      state = step(state, { type: 'error', error }).state;
      const delay = Math.max((isGone(error) ? expiries : failures).next(), retryAfterMs(error));
      options.onError?.(error, delay);
      await sleep(clock, delay, signal);
    }
  }
}

/** Asks the server what the state calls for: the next page, or a watch. */
async function* inputs<T extends KubernetesObject>(
  state: State,
  { client, resource, clock, random, namespace, labelSelector, fieldSelector }: WatcherOptions,
  signal: AbortSignal,
): AsyncGenerator<Input<T>> {
  const selection = {
    ...(namespace !== undefined && { namespace }),
    ...(labelSelector !== undefined && { labelSelector }),
    ...(fieldSelector !== undefined && { fieldSelector }),
  };
  if (state.name === 'Listing') {
    const from = state.continue === undefined ? {} : { continue: state.continue };
    yield {
      type: 'page',
      page: await client.list<T>(resource, { ...selection, ...from, limit: pageSize, signal }),
    };
    return;
  }
  const started = clock.monotonic();
  let silent = true;
  // Different lengths, or all watches that a restarted server began together would end together.
  const timeoutSeconds = 270 + Math.floor(random() * 20);
  const from = { resourceVersion: state.resourceVersion, timeoutSeconds };
  for await (const event of client.watch<T>(resource, { ...selection, ...from, signal })) {
    silent = false;
    yield { type: 'event', event };
  }
  if (silent && clock.monotonic() - started < shortestWatchMs)
    throw new Error('the server ended the watch at once');
  yield { type: 'end' };
}
