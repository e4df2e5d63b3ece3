import type { Logger } from '#base/logger.ts';
import { messageOf } from '../client/errors.ts';
import { type KubernetesObject, keyOf, resourceName } from '../client/objects.ts';
import type { Handler, Informer } from './informer.ts';
import { type Change, type Lister, Store, type StoreOptions } from './store.ts';
import { WatchLiveness } from './watch-liveness.ts';
import { type WatcherOptions, watcher } from './watcher.ts';
import type { WatcherEvent } from './watcher-state.ts';

export interface ReflectorOptions<T> extends Omit<WatcherOptions, 'onError'>, StoreOptions<T> {
  readonly logger: Logger;
}

/** Keeps a store equal to a collection of the API server, and tells handlers what changed. */
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
    const onError = (error: unknown, retryInMs: number): void =>
      this.#logger.warn({ retryInMs: Math.round(retryInMs) }, `watch interrupted: ${messageOf(error)}`);
    const client = this.#liveness.through(this.#options.client);
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
