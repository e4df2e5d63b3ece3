import { setTimeout } from 'node:timers/promises';
import type { Client } from '#kube/client/client.ts';
import { isNotFound } from '#kube/client/errors.ts';
import type { GroupVersionResource, KubernetesObject } from '#kube/client/objects.ts';
import { PlainError } from '../action.ts';

/** For Kubernetes' garbage collector to do its part. */
const patienceMs = 60_000;

/**
 * Waits until an object that is being deleted is there no more.
 * @param what it is that is not done, if it is not gone in time
 * @throws PlainError where Kubernetes does not come to it
 */
export async function gone(
  client: Client,
  resource: GroupVersionResource,
  { metadata }: Pick<KubernetesObject, 'metadata'>,
  what: string,
): Promise<void> {
  const until = performance.now() + patienceMs;
  while (performance.now() < until) {
    const found = await client.get<KubernetesObject>(resource, metadata).catch(unlessAbsent);
    if (found?.metadata.uid !== metadata.uid) return;
    await setTimeout(200);
  }
  throw new PlainError(`${what} within a minute: look after kube-controller-manager`);
}

export function unlessAbsent(error: unknown): undefined {
  if (!isNotFound(error)) throw error;
}
