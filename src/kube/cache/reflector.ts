import type { Logger } from '#base/logger.ts';
import type { Reader } from '../client/client.ts';
import { messageOf } from '../client/errors.ts';
import { type KubernetesObject, keyOf, resourceName } from '../client/objects.ts';
import { type Change, type Lister, Store, type StoreOptions } from './store.ts';
import { type WatcherError, type WatcherOptions, watcher } from './watcher.ts';
import type { WatcherEvent } from './watcher-state.ts';

/** Called after each change of the store: `before` is missing for an object that is new, `after` for one that is gone. */
export type Handler<T> = (before: T | undefined, after: T | undefined) => void;

/** A local copy of a collection, which calls handlers with each change: client-go's SharedInformer. */
export interface Informer<T extends KubernetesObject> {
  /** What it follows, as kubectl writes it: `pods`, `services.serving.knative.dev`. */
  readonly resource: string;
  readonly store: Lister<T>;
  /** Resolves when the store holds all that existed at the start. */
  readonly synced: Promise<void>;
  readonly hasSynced: boolean;
  /** Milliseconds for which an open request has given no sign. */
  readonly silentMs: number;
  /** Adds a handler; before {@link run}, or it misses what the store already holds. */
  onChange(handler: Handler<T>): void;
  /** Adds a handler that is called each time that the store was filled from a list, after the handlers of its changes. */
  onRelist(handler: () => void): void;
  /** Follows the API server until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>;
}

export interface ReflectorOptions<T> extends Omit<WatcherOptions, 'onError'>, StoreOptions<T> {
  readonly logger: Logger;
}

/** Keeps a store equal to a collection of the API server, and calls handlers with what changed. */
export class Reflector<T extends KubernetesObject> implements Informer<T> {
  readonly synced: Promise<void>;
  readonly #options: ReflectorOptions<T>;
  readonly #logger: Logger;
  readonly #store: Store<T>;
  readonly #handlers: Handler<T>[] = [];
  readonly #liveness = new WatchLiveness();
  readonly #relistHandlers: (() => void)[] = [];
  readonly #markSynced: () => void;
  #hasSynced = false;
  /** Filled between Init and InitDone; readers see the old state until it is complete. */
  #incoming = new Map<string, T>();

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#logger = options.logger.child({ resource: options.resource.plural });
    this.#store = new Store(options);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.synced = promise;
    this.#markSynced = resolve;
  }

  get store(): Lister<T> {
    return this.#store;
  }

  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  get resource(): string {
    return resourceName(this.#options.resource);
  }

  get silentMs(): number {
    return this.#liveness.silentMs;
  }

  onChange(handler: Handler<T>): void {
    this.#handlers.push(handler);
  }

  onRelist(handler: () => void): void {
    this.#relistHandlers.push(handler);
  }

  async run(signal: AbortSignal): Promise<void> {
    const onError = ({ name, message }: WatcherError, retryInMs: number): void =>
      this.#logger.warn({ retryInMs: Math.round(retryInMs) }, `${name}: ${message}`);
    const client = this.#liveness.wrap(this.#options.client);
    for await (const event of watcher<T>({ ...this.#options, client, onError }, signal)) {
      for (const change of this.#write(event)) this.#notify(change);
      if (event.type === 'InitDone') for (const handler of this.#relistHandlers) handler();
      if (event.type === 'InitDone' && !this.#hasSynced) {
        this.#hasSynced = true;
        this.#markSynced();
      }
    }
  }

  #write(event: WatcherEvent<T>): readonly Change<T>[] {
    switch (event.type) {
      case 'Init':
        this.#incoming = new Map();
        return [];
      case 'InitApply':
        this.#incoming.set(keyOf(event.object.metadata), this.#store.admit(event.object));
        return [];
      case 'InitDelete':
        this.#incoming.delete(keyOf(event.object.metadata));
        return [];
      case 'InitDone': {
        const objects = this.#incoming;
        this.#incoming = new Map();
        return this.#store.replace(objects);
      }
      case 'Apply':
        return this.#store.apply(event.object);
      case 'Delete':
        return this.#store.delete(event.object);
    }
  }

  #notify({ key, before, after }: Change<T>): void {
    for (const handler of this.#handlers) {
      try {
        handler(before, after);
      } catch (error) {
        this.#logger.error({ err: error, key }, `a change handler failed: ${messageOf(error)}`);
      }
    }
  }
}

/**
 * Notices a list or watch that hangs. Every request of a Reader comes to an end, or gives a sign, within a time that is
 * bounded: by its deadline, or by the silence after which a watch counts as dead. An API server that is down ends them
 * too, with an error, and between attempts no request is open. So a request that is open and silent for much longer
 * is a fault of this process.
 */
export class WatchLiveness {
  readonly #now: () => number;
  /** The last sign of the request that is open. */
  #last: number | undefined;

  /** @param now milliseconds of a clock that only goes on */
  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  /** Milliseconds for which the request that is open has given no sign; 0 if none is open. */
  get silentMs(): number {
    return this.#last === undefined ? 0 : this.#now() - this.#last;
  }

  /** The same Reader, its lists and watches observed; they must come one after the other. */
  wrap(reader: Reader): Reader {
    return {
      get: (...request) => reader.get(...request),
      list: async (...request) => {
        this.#last = this.#now();
        try {
          return await reader.list(...request);
        } finally {
          this.#last = undefined;
        }
      },
      watch: (...request) => this.#watch(reader.watch(...request)),
    };
  }

  async *#watch<T>(events: AsyncIterable<T>): AsyncGenerator<T> {
    this.#last = this.#now();
    try {
      for await (const event of events) {
        this.#last = this.#now();
        yield event;
      }
    } finally {
      this.#last = undefined;
    }
  }
}
