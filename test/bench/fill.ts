import type { KnativeServiceObject } from '#knative/objects.ts';
import { serviceResource } from '#knative/objects.ts';
import { isNotFound } from '#kube/client/errors.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import { until } from '../cluster/wait.ts';
import type { Bench } from './bench.ts';
import { Collection } from './collection.ts';
import { type Payload, payloads } from './payload.ts';

export const user = { fieldManager: 'bench' };
const namespaces = { group: '', version: 'v1', plural: 'namespaces', namespaced: false };
let count = 0;

/** A namespace of its own for each creation. It is gone, with all that is in it, when it is disposed of. */
export async function freshNamespace({
  client,
  requests,
  signal,
}: Bench): Promise<{ readonly name: string } & AsyncDisposable> {
  count += 1;
  const name = `bench-${count}`;
  await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, user);
  const gone = (): Promise<boolean> =>
    client.get(namespaces, { name }).then(
      () => false,
      (error) => {
        if (isNotFound(error)) return true;
        throw error;
      },
    );
  return {
    name,
    [Symbol.asyncDispose]: async () => {
      if (signal.aborted) return;
      await client.delete(namespaces, { name });
      await until(`namespace ${name} to go`, gone, { signal, seconds: 1800 });
      await requests.quiet(signal);
    },
  };
}

/** The Knative Services of a namespace, with the image of each. */
export async function servicesOf({ client, signal }: Bench, namespace: string) {
  const trim = ({ metadata, spec }: KnativeServiceObject): KnativeServiceObject => {
    const { name, uid, resourceVersion } = metadata;
    const image = imageOf({ metadata, ...(spec && { spec }) });
    const template = { spec: { containers: [{ image }] } };
    return { metadata: { name, namespace, uid, resourceVersion } as typeof metadata, spec: { template } };
  };
  const services = new Collection({ client, resource: serviceResource, namespace, trim, signal });
  await services.synced;
  return services;
}

export function imageOf({ spec }: KnativeServiceObject): string | undefined {
  return (spec?.template?.spec as { containers?: { image?: string }[] } | undefined)?.containers?.[0]?.image;
}

/** Creates `n` objects, `concurrency` at a time, and gives when the first was begun and the last answered. */
export async function fill(
  { client, settings, signal }: Bench,
  payload: Payload,
  namespace: string,
  n: number,
): Promise<{ readonly from: number; readonly to: number }> {
  const { resource, make } = payloads[payload];
  const objects: KubernetesObject[] = Array.from({ length: n }, (_, index) => make(namespace, index));
  const from = performance.now();
  const remaining = objects.values();
  const work = async (): Promise<void> => {
    for (const object of remaining) await client.create(resource, object, { ...user, signal });
  };
  await Promise.all(Array.from({ length: settings.concurrency }, work));
  return { from, to: performance.now() };
}
