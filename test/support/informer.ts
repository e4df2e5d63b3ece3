import type { Handler, Informer } from '#kube/cache/reflector.ts';
import { Store, type StoreOptions } from '#kube/cache/store.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';

/** An informer that a test feeds, in the place of a watch. */
export class FedInformer<T extends KubernetesObject> implements Informer<T> {
  readonly resource = 'objects';
  readonly synced = Promise.resolve();
  readonly hasSynced = true;
  readonly silentMs = 0;
  readonly store: Store<T>;
  readonly #handlers: Handler<T>[] = [];
  readonly #relistHandlers: (() => void)[] = [];

  constructor(options: StoreOptions<T> = {}, ...objects: T[]) {
    this.store = new Store(options);
    for (const object of objects) this.store.apply(object);
  }

  onChange(handler: Handler<T>): void {
    this.#handlers.push(handler);
  }

  onRelist(handler: () => void): void {
    this.#relistHandlers.push(handler);
  }

  async run(): Promise<void> {}

  /** The watch brings a new state of an object. */
  bring(object: T): void {
    for (const { before, after } of this.store.apply(object))
      for (const handler of this.#handlers) handler(before, after);
  }

  /** The watch tells that an object is gone. */
  takeAway(object: T): void {
    for (const { before, after } of this.store.delete(object))
      for (const handler of this.#handlers) handler(before, after);
  }

  /** A list was read anew. */
  relist(): void {
    for (const handler of this.#relistHandlers) handler();
  }
}
