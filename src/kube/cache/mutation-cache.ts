import { isDeepStrictEqual } from 'node:util';
import { type KubernetesObject, keyOf } from '../client/objects.ts';
import type { Informer } from './reflector.ts';

/**
 * Reads one's own writes: the objects of an informer, and in their place what the API server answered to a write of this
 * process, until the watch has caught up with it. Without it each reconcile in between would write the same again.
 * As client-go's `cache.MutationCache`, but it never compares versions by size: the watch brings every version.
 */
export class MutationCache<T extends KubernetesObject> {
  readonly #informer: Informer<T>;
  /** Answers that the watch has yet to bring. */
  readonly #written = new Map<string, T>();
  /** The versions that the watch has brought of an object while it is being written. */
  readonly #arrived = new Map<string, Set<string | undefined>>();

  /** Objects that the watch brought as the answer of a write had them. */
  readonly #echoes = new WeakSet<T>();

  constructor(informer: Informer<T>) {
    this.#informer = informer;
    informer.onChange((before, after) => this.#observe(before, after));
  }

  /** The newest known state of an object. */
  get(key: string): T | undefined {
    return this.#written.get(key) ?? this.#informer.store.get(key);
  }

  /** The newest known state of an object of the informer. */
  newest(object: T): T {
    return this.#written.get(keyOf(object.metadata)) ?? object;
  }

  /**
   * Whether a change that the watch brought is that of a write of this process to the status alone: there is nothing in it
   * that its reconcile did not know. False where the watch was faster than the answer of the write.
   */
  isOwnStatus(before: T | undefined, after: T | undefined): boolean {
    return (
      before !== undefined && after !== undefined && this.#echoes.has(after) && isStatusAlone(before, after)
    );
  }

  /** Keeps the answer of `send`, a write of the object with this key, until the watch brings that version of it. */
  async write(key: string, send: () => Promise<T>): Promise<T> {
    const arrived = new Set<string | undefined>();
    this.#arrived.set(key, arrived);
    try {
      const answer = await send();
      const { resourceVersion } = answer.metadata;
      // The watch may be faster than the answer, and brings nothing for a write that changed nothing.
      const known = this.#informer.store.get(key)?.metadata.resourceVersion === resourceVersion;
      if (!known && !arrived.has(resourceVersion)) this.#written.set(key, answer);
      return answer;
    } finally {
      this.#arrived.delete(key);
    }
  }

  /** Forgets all answers and gives their keys: after a list, what was written before it and is not in it is gone. */
  forget(): string[] {
    const keys = [...this.#written.keys()];
    this.#written.clear();
    return keys;
  }

  #observe(before: T | undefined, after: T | undefined): void {
    const object = after ?? before;
    if (!object) return;
    const key = keyOf(object.metadata);
    const { resourceVersion } = object.metadata;
    this.#arrived.get(key)?.add(resourceVersion);
    const written = this.#written.get(key)?.metadata;
    const isGone = !after && written?.uid === object.metadata.uid;
    const isEcho = written !== undefined && written.resourceVersion === resourceVersion;
    if (isEcho && after) this.#echoes.add(after);
    if (isGone || isEcho) this.#written.delete(key);
  }
}

/** A list can bring a change of another client together with our own: then more than the status differs. */
function isStatusAlone(before: KubernetesObject, after: KubernetesObject): boolean {
  const rest = (object: KubernetesObject) => ({
    ...object,
    status: undefined,
    metadata: { ...object.metadata, resourceVersion: undefined },
  });
  return isDeepStrictEqual(rest(before), rest(after));
}
