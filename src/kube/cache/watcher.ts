import { Backoff, type Random } from '#base/backoff.ts';
import { type Clock, sleep } from '#base/clock.ts';
import type { Reader, Selection } from '../client/client.ts';
import { isGone, isRejected, retryAfterMs } from '../client/errors.ts';
import type { GroupVersionResource, KubernetesObject } from '../client/objects.ts';
import { type Input, type State, type Step, start, step, type WatcherEvent } from './watcher-state.ts';

export interface WatcherOptions extends Selection {
  readonly client: Reader;
  readonly resource: GroupVersionResource;
  readonly clock: Clock;
  readonly random: Random;
  /** Told of each failure and the milliseconds until the next attempt. */
  readonly onError?: (error: unknown, retryInMs: number) => void;
}

const pageSize = 500;
/** A watch that ends sooner and without a change counts as failed, or a broken server would be asked without pause. */
const shortestWatchMs = 1000;
/** A server that ignores the wish for a streaming list falls silent: it shall not keep us waiting as long as others. */
const streamIdleMs = 30_000;

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
  let state = start;
  while (!signal.aborted) {
    try {
      for await (const input of inputs<T>(state, options, signal)) {
        const { state: next, emit }: Step<T> = step<T>(state, input);
        state = next;
        yield* emit;
      }
    } catch (error) {
      if (signal.aborted) return;
      const refused = state.name === 'Streaming' && isRejected(error);
      state = step(state, { type: 'error', error }).state;
      // An older server is no failure.
      if (refused) continue;
      const delay = Math.max((isGone(error) ? expiries : failures).next(), retryAfterMs(error));
      options.onError?.(error, delay);
      await sleep(clock, delay, signal);
    }
  }
}

/** Asks the server what the state calls for: a streaming list, the next page, or a watch. */
async function* inputs<T extends KubernetesObject>(
  state: State,
  { client, resource, clock, random, namespace, labelSelector, fieldSelector }: WatcherOptions,
  signal: AbortSignal,
): AsyncGenerator<Input<T>> {
  const selection = {
    ...(namespace !== undefined && { namespace }),
    ...(labelSelector !== undefined && { labelSelector }),
    ...(fieldSelector !== undefined && { fieldSelector }),
    signal,
  };
  if (state.name === 'Listing') {
    const from = state.continue === undefined ? {} : { continue: state.continue };
    yield { type: 'page', page: await client.list<T>(resource, { ...selection, ...from, limit: pageSize }) };
    return;
  }
  const started = clock.monotonic();
  let silent = true;
  // Different lengths, or all watches that a restarted server began together would end together.
  const timeoutSeconds = 270 + Math.floor(random() * 20);
  const from =
    state.name === 'Streaming'
      ? ({ sendInitialEvents: true, idleTimeoutMs: streamIdleMs } as const)
      : { resourceVersion: state.resourceVersion };
  for await (const event of client.watch<T>(resource, { ...selection, ...from, timeoutSeconds })) {
    if (event.type !== 'BOOKMARK') silent = false;
    yield { type: 'event', event };
  }
  if (state.name === 'Watching' && silent && clock.monotonic() - started < shortestWatchMs)
    throw new Error('the server ended the watch at once');
  yield { type: 'end' };
}
