import { Backoff, type Random } from '#base/backoff.ts';
import { type Clock, sleep } from '#base/clock.ts';
import { pageSize, type Reader, type Selection } from '../client/client.ts';
import { isGone, isRejected, messageOf, retryAfterMs, WatchEventError } from '../client/errors.ts';
import type { GroupVersionResource, KubernetesObject } from '../client/objects.ts';
import { type Input, type State, type Step, start, step, type WatcherEvent } from './watcher-state.ts';

export interface WatcherOptions extends Selection {
  readonly client: Reader;
  readonly resource: GroupVersionResource;
  readonly clock: Clock;
  readonly random: Random;
  /** Called with each failure and the milliseconds until the next attempt. */
  readonly onError?: (error: WatcherError, retryInMs: number) => void;
}

/**
 * What failed: a list, opening a watch, a watch that the server ended with an ERROR event, a watch that broke off, or a
 * list that says nothing of where to watch from. The names are those of kube-rs.
 * https://docs.rs/kube/latest/kube/runtime/watcher/enum.Error.html
 */
export type WatcherFailure =
  | 'InitialListFailed'
  | 'WatchStartFailed'
  | 'WatchError'
  | 'WatchFailed'
  | 'NoResourceVersion';

/** A failure that the watcher goes on after. `cause` is the error of the request, if there was one. */
export class WatcherError extends Error {
  override readonly name: WatcherFailure;

  constructor(name: WatcherFailure, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = name;
  }
}

/** A watch that ends sooner and without a change counts as failed, or a broken server would be asked without pause. */
const minWatchMs = 1000;
/** A server that does not know streaming lists begins a watch and falls silent: it must not delay the start as long as others. */
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
    let answered = false;
    try {
      for await (const input of inputs<T>(state, options, signal)) {
        answered = true;
        const { state: next, emit }: Step<T> = step<T>(state, input);
        state = next;
        yield* emit;
      }
    } catch (error) {
      if (signal.aborted) return;
      const refused = state.name === 'Streaming' && isRejected(error);
      const failure = watcherError(error, state, answered);
      state = step(state, { type: 'error', error }).state;
      // An older server is no failure.
      if (refused) continue;
      const delay = Math.max((isGone(error) ? expiries : failures).next(), retryAfterMs(error));
      options.onError?.(failure, delay);
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
    const page = await client.list<T>(resource, { ...selection, ...from, limit: pageSize });
    if (!page.resourceVersion) throw new WatcherError('NoResourceVersion', 'a list has no resourceVersion');
    yield { type: 'page', page };
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
  if (state.name === 'Watching' && silent && clock.monotonic() - started < minWatchMs)
    throw new WatcherError('WatchFailed', 'the server ended the watch at once');
  yield { type: 'end' };
}

function watcherError(error: unknown, { name }: State, answered: boolean): WatcherError {
  if (error instanceof WatcherError) return error;
  const failure = (): WatcherFailure => {
    if (name === 'Listing') return 'InitialListFailed';
    if (error instanceof WatchEventError) return 'WatchError';
    return answered ? 'WatchFailed' : 'WatchStartFailed';
  };
  return new WatcherError(failure(), messageOf(error), error);
}
