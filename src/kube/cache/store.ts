import { type KubernetesObject, keyOf } from '../client/objects.ts';

/** One difference between what a store held and holds. */
export interface Change<T> {
  readonly key: string;
  readonly before: T | undefined;
  readonly after: T | undefined;
}

/** Values under which an index finds an object. */
export type IndexFunction<T> = (object: T) => readonly string[];

/** Read access to a store. Objects are frozen: all readers share them. */
export interface Lister<T> {
  readonly size: number;
  /** By `namespace/name`. */
  get(key: string): T | undefined;
  list(): readonly T[];
  /** @throws if the store has no index of that name. */
  byIndex(index: string, value: string): readonly T[];
}

export interface StoreOptions<T> {
  /** Makes an object smaller before it is kept; by default drops managedFields, often half of it. */
  readonly trim?: (object: T) => T;
  readonly indexes?: Readonly<Record<string, IndexFunction<T>>>;
}

/** The local copy of a collection. */
export class Store<T extends KubernetesObject> implements Lister<T> {
  readonly #trim: (object: T) => T;
  readonly #indexes: readonly Index<T>[];
  #objects = new Map<string, T>();

  constructor({ trim = dropManagedFields, indexes = {} }: StoreOptions<T> = {}) {
    this.#trim = trim;
    this.#indexes = Object.entries(indexes).map(([name, values]) => new Index(name, values));
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  list(): readonly T[] {
    return [...this.#objects.values()];
  }

  byIndex(index: string, value: string): readonly T[] {
    const found = this.#indexes.find(({ name }) => name === index);
    if (!found) throw new Error(`the store has no index "${index}"`);
    return found.get(value);
  }

  /** Keeps an object that was added or changed. */
  apply(object: T): readonly Change<T>[] {
    return this.#set(keyOf(object.metadata), this.admit(object));
  }

  delete(object: T): readonly Change<T>[] {
    return this.#set(keyOf(object.metadata), undefined);
  }

  /** Holds exactly `objects` from now on, each passed through {@link admit} before. */
  replace(objects: ReadonlyMap<string, T>): readonly Change<T>[] {
    const gone = [...this.#objects.keys()].filter((key) => !objects.has(key));
    return [
      ...gone.flatMap((key) => this.#set(key, undefined)),
      ...[...objects].flatMap(([key, object]) => this.#set(key, object)),
    ];
  }

  /** The object as it will be kept: the one we have if it is the same version, or else trimmed and frozen. */
  admit(object: T): T {
    const known = this.#objects.get(keyOf(object.metadata));
    return known && sameVersion(known, object) ? known : deepFreeze(this.#trim(object));
  }

  #set(key: string, after: T | undefined): readonly Change<T>[] {
    const before = this.#objects.get(key);
    if (before === after) return [];
    if (after) this.#objects.set(key, after);
    else this.#objects.delete(key);
    for (const index of this.#indexes) index.update(key, before, after);
    return [{ key, before, after }];
  }
}

class Index<T> {
  readonly name: string;
  readonly #values: IndexFunction<T>;
  readonly #entries = new Map<string, Map<string, T>>();

  constructor(name: string, values: IndexFunction<T>) {
    this.name = name;
    this.#values = values;
  }

  get(value: string): readonly T[] {
    return [...(this.#entries.get(value)?.values() ?? [])];
  }

  update(key: string, before: T | undefined, after: T | undefined): void {
    for (const value of before ? this.#values(before) : []) {
      const entry = this.#entries.get(value);
      entry?.delete(key);
      if (entry?.size === 0) this.#entries.delete(value);
    }
    for (const value of after ? this.#values(after) : []) {
      const entry = this.#entries.get(value) ?? new Map<string, T>();
      this.#entries.set(value, entry.set(key, after as T));
    }
  }
}

export function dropManagedFields<T extends KubernetesObject>(object: T): T {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function sameVersion(a: KubernetesObject, b: KubernetesObject): boolean {
  const { uid, resourceVersion } = a.metadata;
  return (
    resourceVersion !== undefined && resourceVersion === b.metadata.resourceVersion && uid === b.metadata.uid
  );
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    for (const part of Object.values(value)) deepFreeze(part);
    Object.freeze(value);
  }
  return value;
}
