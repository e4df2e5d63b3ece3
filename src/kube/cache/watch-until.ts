import { systemClock } from '#base/clock.ts';
import type { Reader, Selection } from '../client/client.ts';
import { ApiError } from '../client/errors.ts';
import { type GroupVersionResource, type KubernetesObject, keyOf } from '../client/objects.ts';
import { type WatcherError, watcher } from './watcher.ts';

export interface WatchUntilOptions<T, R> extends Selection {
  /** Gets all selected objects, at first and after each change of one; what it gives other than undefined ends the watch. */
  readonly predicate: (objects: readonly T[]) => R | undefined;
  readonly signal: AbortSignal;
  /** Called with each failure that is waited out, and the milliseconds until the next attempt. */
  readonly onError?: (error: WatcherError, retryInMs: number) => void;
  readonly clock?: typeof systemClock;
  readonly random?: () => number;
}

/**
 * Watches until `predicate` has an answer, and gives it. Connections that break and servers that are away are waited out, as
 * by client-go's `watchtools.UntilWithSync`.
 *
 * @throws ApiError where the server refuses the watch (401, 403, 404), the reason of `signal` when it aborts, and what
 *   `predicate` throws
 */
export async function watchUntil<T extends KubernetesObject, R>(
  client: Reader,
  resource: GroupVersionResource,
  options: WatchUntilOptions<T, R>,
): Promise<R> {
  const { predicate, signal, onError: _, clock = systemClock, random = Math.random, ...selection } = options;
  const refused = new AbortController();
  const onError = (error: WatcherError, retryInMs: number): void => {
    if (isRefusal(error.cause)) refused.abort(error.cause);
    else options.onError?.(error, retryInMs);
  };
  const either = AbortSignal.any([signal, refused.signal]);
  let objects = new Map<string, T>();
  /** Filled between Init and InitDone. */
  let incoming = new Map<string, T>();
  for await (const event of watcher<T>({ client, resource, clock, random, onError, ...selection }, either)) {
    switch (event.type) {
      case 'Init':
        incoming = new Map();
        continue;
      case 'InitApply':
        incoming.set(keyOf(event.object.metadata), event.object);
        continue;
      case 'InitDelete':
        incoming.delete(keyOf(event.object.metadata));
        continue;
      case 'InitDone':
        objects = incoming;
        break;
      case 'Apply':
        objects.set(keyOf(event.object.metadata), event.object);
        break;
      case 'Delete':
        objects.delete(keyOf(event.object.metadata));
        break;
    }
    const answer = predicate([...objects.values()]);
    if (answer !== undefined) return answer;
  }
  throw either.reason;
}

/** Whether the server says no, and would say it again; 408, 410 and 429 pass. */
const isRefusal = (error: unknown): boolean =>
  error instanceof ApiError && [401, 403, 404].includes(error.code);
