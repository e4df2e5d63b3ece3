import type { Reader } from '#kube/client/client.ts';
import type { GroupVersionResource, KubernetesObject, NamespacedName } from '#kube/client/objects.ts';

/** All that a watch tells of one object, from now until the test ends (`await using`). */
export interface Versions<T> extends AsyncDisposable {
  /** From the first to the newest. */
  seen(): readonly T[];
  /** Resolves once the newest version that was seen is such a one. */
  until(check: (object: T) => boolean): Promise<void>;
}

/** Watches an object, which need not exist yet. */
export async function versionsOf<T extends KubernetesObject>(
  client: Reader,
  resource: GroupVersionResource,
  { namespace, name }: NamespacedName,
): Promise<Versions<T>> {
  const selection = { ...(namespace && { namespace }), fieldSelector: `metadata.name=${name}` };
  const stop = new AbortController();
  const { signal } = stop;
  const { items, resourceVersion } = await client.list<T>(resource, selection);
  const seen: T[] = [...items];
  let told = Promise.withResolvers<void>();
  const watch = async (): Promise<void> => {
    for (let since = resourceVersion; ; )
      for await (const { type, object } of client.watch<T>(resource, {
        ...selection,
        resourceVersion: since,
        signal,
      })) {
        since = object.metadata.resourceVersion ?? since;
        if (type === 'BOOKMARK') continue;
        seen.push(object);
        told.resolve();
        told = Promise.withResolvers();
      }
  };
  const watching = watch().catch((error: unknown) => {
    if (!signal.aborted) told.reject(error);
  });
  return {
    seen: () => [...seen],
    until: async (check) => {
      for (;;) {
        const newest = seen.at(-1);
        if (newest && check(newest)) return;
        await told.promise;
      }
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await watching;
    },
  };
}
