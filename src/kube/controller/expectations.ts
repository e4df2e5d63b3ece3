import { type KubernetesObject, keyOf } from '../client/objects.ts';

/**
 * What was written and has not come back on the watch, as client-go's expectations are for creations and deletions. A
 * cache lags behind its owner's own writes; without this memory each reconcile in between would write the same again.
 */
export class Expectations<T> {
  readonly #written = new Map<string, T>();
  /** The versions that the watch has brought of an object while it is being written. */
  readonly #arrived = new Map<string, Set<string | undefined>>();

  /** The last write under this key, unless the cache has changed since. */
  get(key: string): T | undefined {
    return this.#written.get(key);
  }

  /** Forgets all, and gives the keys of it: a list holds what was written before it, and tells of nothing that is gone. */
  forget(): string[] {
    const keys = [...this.#written.keys()];
    this.#written.clear();
    return keys;
  }

  /** Writes by `send`, which gives back the object as it is now, and remembers `content` until the watch brings it. */
  async write(key: string, content: T, send: () => Promise<KubernetesObject>): Promise<void> {
    const arrived = new Set<string | undefined>();
    this.#arrived.set(key, arrived);
    try {
      const { metadata } = await send();
      // The watch may be faster than the answer. What it brought before is not to be waited for.
      if (!arrived.has(metadata.resourceVersion)) this.#written.set(key, content);
    } finally {
      this.#arrived.delete(key);
    }
  }

  /** The watch brought this version of an object, or its end: from here on the cache knows better. */
  observed({ metadata }: KubernetesObject): void {
    const key = keyOf(metadata);
    this.#written.delete(key);
    this.#arrived.get(key)?.add(metadata.resourceVersion);
  }
}
