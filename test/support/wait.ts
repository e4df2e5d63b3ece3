import type { Reader } from '#kube/client/client.ts';
import {
  type GroupVersionResource,
  type KubernetesObject,
  keyOf,
  type NamespacedName,
} from '#kube/client/objects.ts';

/** How long a test waits for something that must happen: long enough for a slow machine under load. */
const patienceMs = 120_000;

type Check<T> = (object: T | undefined) => boolean;

/**
 * Watches one object until `check` holds of it, and gives it back; `undefined` stands for an object that is not there.
 * @throws when it takes too long, with the object as it was last seen
 */
export async function waitFor<T extends KubernetesObject>(
  client: Reader,
  resource: GroupVersionResource,
  name: NamespacedName,
  check: Check<T>,
): Promise<T | undefined> {
  const signal = AbortSignal.timeout(patienceMs);
  const selection = { namespace: name.namespace, fieldSelector: `metadata.name=${name.name}` };
  let last: T | undefined;
  try {
    for (;;) {
      const page = await client.list<T>(resource, { ...selection, signal });
      last = page.items[0];
      if (check(last)) return last;
      for await (const { type, object } of client.watch<T>(resource, {
        ...selection,
        resourceVersion: page.resourceVersion,
        signal,
      })) {
        if (type === 'BOOKMARK') continue;
        last = type === 'DELETED' ? undefined : object;
        if (check(last)) return last;
      }
    }
  } catch (cause) {
    if (!signal.aborted) throw cause;
    throw new Error(
      `waited in vain for ${resource.plural} ${keyOf(name)}; it is ${JSON.stringify(last, null, 2)}`,
      { cause },
    );
  }
}
