import type { KubernetesObject } from '../client/objects.ts';
import type { Handler, Informer } from './reflector.ts';
import type { Lister } from './store.ts';

/** The informers of some namespaces as one: each watches with the rights of its own namespace alone. */
export class NamespacedInformer<T extends KubernetesObject> implements Informer<T> {
  readonly store: Lister<T>;
  readonly synced: Promise<void>;
  readonly #informers: readonly Informer<T>[];

  constructor(informers: ReadonlyMap<string, Informer<T>>) {
    this.#informers = [...informers.values()];
    this.store = new NamespacedLister(informers);
    this.synced = Promise.all(this.#informers.map((informer) => informer.synced)).then(() => {});
  }

  get resource(): string {
    return this.#informers[0]?.resource ?? '';
  }

  get silentMs(): number {
    return Math.max(0, ...this.#informers.map((informer) => informer.silentMs));
  }

  get hasSynced(): boolean {
    return this.#informers.every((informer) => informer.hasSynced);
  }

  onChange(handler: Handler<T>): void {
    for (const informer of this.#informers) informer.onChange(handler);
  }

  onRelist(handler: () => void): void {
    for (const informer of this.#informers) informer.onRelist(handler);
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#informers.map((informer) => informer.run(signal)));
  }
}

class NamespacedLister<T extends KubernetesObject> implements Lister<T> {
  readonly #informers: ReadonlyMap<string, Informer<T>>;

  constructor(informers: ReadonlyMap<string, Informer<T>>) {
    this.#informers = informers;
  }

  get #stores(): Lister<T>[] {
    return [...this.#informers.values()].map(({ store }) => store);
  }

  get size(): number {
    return this.#stores.reduce((sum, { size }) => sum + size, 0);
  }

  get(key: string): T | undefined {
    return this.#informers.get(key.split('/')[0] ?? '')?.store.get(key);
  }

  list(): readonly T[] {
    return this.#stores.flatMap((store) => store.list());
  }

  byIndex(index: string, value: string): readonly T[] {
    return this.#stores.flatMap((store) => store.byIndex(index, value));
  }
}
