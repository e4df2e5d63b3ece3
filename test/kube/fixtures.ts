import { aborted } from '#base/deadline.ts';
import type { Logger } from '#base/logger.ts';
import type { Reader } from '#kube/client/client.ts';
import { ApiError } from '#kube/client/errors.ts';
import type { GroupVersionResource, KubernetesObject } from '#kube/client/objects.ts';

export const configMaps: GroupVersionResource = {
  group: '',
  version: 'v1',
  plural: 'configmaps',
  namespaced: true,
};

export interface ConfigMap extends KubernetesObject {
  readonly data?: Readonly<Record<string, string>>;
}

export function configMap(
  name: string,
  resourceVersion: string,
  data: Record<string, string> = {},
): ConfigMap {
  const metadata = { namespace: 'default', name, uid: `uid-${name}`, resourceVersion };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
}

export interface LogEntry {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: object;
}

/** A logger that remembers. */
export function recordingLogger(
  entries: LogEntry[] = [],
  bindings: object = {},
): Logger & { entries: LogEntry[] } {
  const log = (level: LogEntry['level']) => (fields: object, message: string) =>
    void entries.push({ level, message, fields: { ...bindings, ...fields } });
  return {
    entries,
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
    child: (fields) => recordingLogger(entries, { ...bindings, ...fields }),
  };
}

type Answer = (request: { readonly verb: 'list' | 'watch'; readonly options: object }) => unknown;

/**
 * A Reader that answers each request with the next entry of a script and then stays silent: a page for a list, an array
 * of events for a watch, or a function that is called, and may throw.
 */
export function scriptedReader(script: readonly (object | Answer)[]): Reader & { requests: string[] } {
  const requests: string[] = [];
  const rest = [...script];
  const answer = (verb: 'list' | 'watch', options: object): unknown => {
    const shown = Object.entries(options).filter(([name]) =>
      ['continue', 'resourceVersion', 'sendInitialEvents'].includes(name),
    );
    requests.push([verb, ...shown.map(([name, value]) => `${name}=${value}`)].join(' '));
    const next = rest.shift();
    return typeof next === 'function' ? next({ verb, options }) : next;
  };
  const silence = async (signal = new AbortController().signal): Promise<never> => {
    await aborted(signal);
    throw signal.reason;
  };
  return {
    requests,
    get: () => Promise.reject(new Error('not scripted')),
    list: async (_resource, options) =>
      (answer('list', options ?? {}) ?? (await silence(options?.signal))) as never,
    async *watch(_resource, options) {
      const events = answer('watch', options);
      if (!events) await silence(options.signal);
      yield* events as never[];
    },
  };
}

/** The answer of a server that knows no streaming lists: lists are then asked for. */
export const noStreaming = (): never => {
  throw new ApiError('GET /x', 422, { reason: 'Invalid', message: 'sendInitialEvents: Forbidden' });
};

/** A streaming list, and what follows it in the same watch. */
export function stream(
  resourceVersion: string,
  items: readonly ConfigMap[],
  ...events: readonly object[]
): readonly object[] {
  const annotations = { 'k8s.io/initial-events-end': 'true' };
  const end = { type: 'BOOKMARK', object: { metadata: { resourceVersion, annotations } } };
  return [...items.map((object) => ({ type: 'ADDED', object })), end, ...events];
}

/** Everything an async iterable gives, once it has ended. */
export async function collect<T>(iterable: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of iterable) all.push(item);
  return all;
}
