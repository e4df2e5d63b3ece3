/**
 * What was written and has not come back on the watch. A cache lags behind its owner's own writes; without this
 * memory each reconcile in between would write the same again.
 */
export class Unseen<T> {
  readonly #written = new Map<string, T>();

  /** The last write under this key, unless the cache has changed since. */
  get(key: string): T | undefined {
    return this.#written.get(key);
  }

  wrote(key: string, content: T): void {
    this.#written.set(key, content);
  }

  /** The watch brought a change of the object: from here on the cache knows better. */
  seen(key: string): void {
    this.#written.delete(key);
  }
}
