import { setTimeout } from 'node:timers/promises';
import type { Client } from '#kube/client/client.ts';
import { isNotFound } from '#kube/client/errors.ts';
import type { GroupVersionResource, KubernetesObject } from '#kube/client/objects.ts';
import { PlainError } from '../action.ts';

/** For Kubernetes' garbage collector to do its part. */
const patienceMs = 60_000;

/**
 * Waits until an object that is being deleted is there no more. It asks again and again: to watch would take a right that
 * whoever may get and delete need not have.
 * @param late says what is not done, of the object as it was last seen
 * @throws PlainError where it is there after so many milliseconds, by default a minute
 */
export async function gone(
  client: Pick<Client, 'get'>,
  resource: GroupVersionResource,
  { metadata }: Pick<KubernetesObject, 'metadata'>,
  late: (last: KubernetesObject) => string,
  timeoutMs = patienceMs,
): Promise<void> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    const found = await client.get<KubernetesObject>(resource, metadata).catch(unlessAbsent);
    if (!found || found.metadata.uid !== metadata.uid) return;
    if (performance.now() > until) throw new PlainError(late(found));
    await setTimeout(200);
  }
}

/** What is late where Kubernetes' own part in a deletion is. */
export const notCollected = (what: string): string =>
  `${what} within a minute: look after kube-controller-manager`;

export function unlessAbsent(error: unknown): undefined {
  if (!isNotFound(error)) throw error;
}
