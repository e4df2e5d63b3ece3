import type { ObjectList, WatchEvent } from '../client/client.ts';
import { isGone, isRejected } from '../client/errors.ts';
import type { KubernetesObject } from '../client/objects.ts';

/** Between Init and InitDone comes everything that exists; what is not among it is gone. */
export type WatcherEvent<T> =
  | { readonly type: 'Init' }
  | { readonly type: 'InitApply'; readonly object: T }
  | { readonly type: 'InitDelete'; readonly object: T }
  | { readonly type: 'InitDone' }
  | { readonly type: 'Apply'; readonly object: T }
  | { readonly type: 'Delete'; readonly object: T };

/**
 * Where the watcher is: before or in a watch that begins with all that exists (a streaming list, KEP-3157), at a page of
 * a list, the first one without a token, or after a resourceVersion. A server that does not stream is asked for lists
 * from then on.
 */
export type State =
  | { readonly name: 'Streaming'; readonly begun: boolean }
  | { readonly name: 'Listing'; readonly continue?: string }
  | { readonly name: 'Watching'; readonly resourceVersion: string; readonly streams: boolean };

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

export const start: State = { name: 'Streaming', begun: false };
const lists: State = { name: 'Listing' };

/** The whole protocol of list and watch. */
export function step<T extends KubernetesObject>(state: State, input: Input<T>): Step<T> {
  switch (input.type) {
    case 'page':
      return stepPage(state, input.page);
    case 'event':
      return state.name === 'Streaming'
        ? stepInitialEvent(state, input.event)
        : stepEvent(state, input.event);
    case 'end':
      // All that exists has not come before the end: this server knows nothing of streaming lists.
      return { state: state.name === 'Streaming' ? lists : state, emit: [] };
    case 'error':
      return { state: afterError(state, input.error), emit: [] };
  }
}

function stepPage<T>(state: State, page: ObjectList<T>): Step<T> {
  const first = state.name === 'Listing' && state.continue === undefined;
  const items = page.items.map((object) => ({ type: 'InitApply', object }) as const);
  const emit: WatcherEvent<T>[] = first ? [{ type: 'Init' }, ...items] : items;
  if (page.continue) return { state: { name: 'Listing', continue: page.continue }, emit };
  const next: State = { name: 'Watching', resourceVersion: page.resourceVersion, streams: false };
  return { state: next, emit: [...emit, { type: 'InitDone' }] };
}

function stepInitialEvent<T extends KubernetesObject>(
  { begun }: State & { name: 'Streaming' },
  { type, object }: WatchEvent<T>,
): Step<T> {
  const init: WatcherEvent<T>[] = begun ? [] : [{ type: 'Init' }];
  const state: State = { name: 'Streaming', begun: true };
  if (type === 'DELETED') return { state, emit: [...init, { type: 'InitDelete', object }] };
  if (type !== 'BOOKMARK') return { state, emit: [...init, { type: 'InitApply', object }] };
  const { resourceVersion, annotations } = object.metadata;
  if (annotations?.['k8s.io/initial-events-end'] !== 'true' || !resourceVersion) return { state, emit: init };
  return {
    state: { name: 'Watching', resourceVersion, streams: true },
    emit: [...init, { type: 'InitDone' }],
  };
}

function stepEvent<T extends KubernetesObject>(state: State, { type, object }: WatchEvent<T>): Step<T> {
  const { resourceVersion } = object.metadata;
  const next = state.name === 'Watching' && resourceVersion ? { ...state, resourceVersion } : state;
  switch (type) {
    case 'BOOKMARK':
      return { state: next, emit: [] };
    case 'DELETED':
      return { state: next, emit: [{ type: 'Delete', object }] };
    default:
      return { state: next, emit: [{ type: 'Apply', object }] };
  }
}

/** Starts again where the server no longer has what we ask for, or never understood it; else goes on where it was. */
function afterError(state: State, error: unknown): State {
  const rejected = isRejected(error);
  switch (state.name) {
    case 'Streaming':
      return rejected ? lists : start;
    case 'Listing':
      return isGone(error) || rejected ? lists : state;
    case 'Watching':
      if (!isGone(error) && !rejected) return state;
      return state.streams ? start : lists;
  }
}
