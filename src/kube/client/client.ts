import { isGone, isNotFound } from './errors.ts';
import type { GroupVersionResource, KubernetesObject, NamespacedName } from './objects.ts';

/** What every request takes. */
export interface RequestOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds until the request fails, 30,000 by default; for a watch, until it is accepted. */
  readonly timeoutMs?: number;
}

export interface Selection {
  /** All namespaces if left out. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export interface ListOptions extends RequestOptions, Selection {
  /** Objects a page. */
  readonly limit?: number;
  /** Where the page before ended. */
  readonly continue?: string;
}

export interface ObjectList<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
  /** Set if there are more pages. */
  readonly continue?: string;
}

export interface WatchOptions extends RequestOptions, Selection {
  /** Where to begin; to be left out with `sendInitialEvents`. */
  readonly resourceVersion?: string;
  /**
   * Begin with all that exists, as it is now, and a bookmark with the annotation `k8s.io/initial-events-end: "true"`
   * (streaming list, KEP-3157). Servers that cannot do this answer 400 or 422.
   */
  readonly sendInitialEvents?: true;
  /** Seconds after which the server ends the watch. */
  readonly timeoutSeconds?: number;
  /** Milliseconds of silence after which the connection counts as dead and the watch ends, 90,000 by default. */
  readonly idleTimeoutMs?: number;
}

/** A bookmark's object has a resourceVersion and little else. */
export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: T;
}

export interface WriteOptions extends RequestOptions {
  readonly fieldManager: string;
  /** Validates and answers, but stores nothing. */
  readonly dryRun?: boolean;
  /** What happens to unknown and duplicate fields; the server's default is `Warn`. */
  readonly fieldValidation?: 'Ignore' | 'Warn' | 'Strict';
}

export interface ApplyOptions extends WriteOptions {
  /** Takes over fields that other managers own. */
  readonly force?: boolean;
}

export interface PatchOptions extends WriteOptions {
  readonly subresource?: 'status' | 'scale';
}

export interface DeleteOptions extends RequestOptions {
  readonly dryRun?: boolean;
  readonly propagationPolicy?: 'Foreground' | 'Background' | 'Orphan';
  /** Refuse with a conflict if the object is another one, or has changed. */
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

/** All methods reject with an ApiError if the server refuses, and with another Error if it cannot be reached. */
export interface Reader {
  get<T extends KubernetesObject>(
    resource: GroupVersionResource,
    name: NamespacedName,
    options?: RequestOptions,
  ): Promise<T>;
  list<T extends KubernetesObject>(
    resource: GroupVersionResource,
    options?: ListOptions,
  ): Promise<ObjectList<T>>;
  /**
   * Changes after `resourceVersion`, or after all that exists, until the server ends the watch or falls silent: the iterator is then done, and a
   * new watch from the last resourceVersion seen goes on. Throws ApiError, also for an ERROR event.
   */
  watch<T extends KubernetesObject>(
    resource: GroupVersionResource,
    options: WatchOptions,
  ): AsyncIterable<WatchEvent<T>>;
}

/** Each method but `delete` resolves to the object as the server now has it. */
export interface Writer {
  create<T extends KubernetesObject>(
    resource: GroupVersionResource,
    object: T,
    options: WriteOptions,
  ): Promise<T>;
  /** Server-side apply: `object` holds exactly the fields that the field manager wants to own. */
  apply<T extends KubernetesObject>(
    resource: GroupVersionResource,
    object: T,
    options: ApplyOptions,
  ): Promise<T>;
  /** Server-side apply to the status subresource; `object` needs apiVersion, kind, name and status. */
  applyStatus<T extends KubernetesObject>(
    resource: GroupVersionResource,
    object: T,
    options: ApplyOptions,
  ): Promise<T>;
  /** JSON merge patch. */
  patch<T extends KubernetesObject>(
    resource: GroupVersionResource,
    name: NamespacedName,
    patch: object,
    options: PatchOptions,
  ): Promise<T>;
  delete(resource: GroupVersionResource, name: NamespacedName, options?: DeleteOptions): Promise<void>;
}

export interface Client extends Reader, Writer {}

/** The object, or undefined where there is none. @throws as {@link Reader} does */
export async function getOrUndefined<T extends KubernetesObject>(
  client: Pick<Reader, 'get'>,
  resource: GroupVersionResource,
  name: NamespacedName,
  options?: RequestOptions,
): Promise<T | undefined> {
  try {
    return await client.get<T>(resource, name, options);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Objects a page; kubectl and client-go ask for as many. */
export const pageSize = 500;

/**
 * All objects of a collection, read in pages. Where the server has forgotten the state that the first page showed, which it
 * does after some minutes, everything is read once more in one answer, as by client-go's pager.
 * https://github.com/kubernetes/client-go/blob/master/tools/pager/pager.go
 * @throws as {@link Reader} does
 */
export async function listAll<T extends KubernetesObject>(
  client: Pick<Reader, 'list'>,
  resource: GroupVersionResource,
  selection: Omit<ListOptions, 'limit' | 'continue'> = {},
): Promise<readonly T[]> {
  const items: T[] = [];
  let next: string | undefined;
  try {
    do {
      const page = await client.list<T>(resource, {
        ...selection,
        limit: pageSize,
        ...(next !== undefined && { continue: next }),
      });
      items.push(...page.items);
      next = page.continue;
    } while (next !== undefined);
    return items;
  } catch (error) {
    if (!isGone(error) || next === undefined) throw error;
    return (await client.list<T>(resource, selection)).items;
  }
}
