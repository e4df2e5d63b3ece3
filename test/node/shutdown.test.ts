import { expect, it, vi } from 'vitest';
import type { PodObject } from '#knative/objects.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import { podResource } from '#kube/client/objects.ts';
import { modelResource } from '#operator/resources.ts';
import { irisImageName } from '../images/iris.ts';
import { adminClient } from '../support/cluster.ts';
import { manifest } from '../support/models.ts';
import { namespace } from '../support/namespace.ts';
import { waitFor } from '../support/wait.ts';

/**
 * Knative's own queue-proxy takes 30 seconds to end, in which no other container is asked to (serving
 * pkg/queue/sharedmain/main.go, drainSleepDuration). A pod with a container that ignores SIGTERM stays for the 300
 * seconds that a request may take.
 */
const maxSeconds = 45;

it('a model that is deleted while it is fetched frees its node as soon as Knative lets it', async () => {
  const client = await adminClient();
  await using ns = await namespace(client);
  // No host has this address (RFC 5737): the fetcher goes on trying, and the server waits.
  const spec = {
    model: { format: 'sklearn', uri: 'https://192.0.2.1/model.joblib' },
    runtime: { image: irisImageName },
  };
  const name = { namespace: ns.name, name: 'iris' };
  await client.create(modelResource, manifest(spec, name) as KubernetesObject, { fieldManager: 'user' });
  const pod = await vi.waitUntil(
    async () => {
      const { items } = await client.list<PodObject>(podResource, { namespace: ns.name });
      const isWaiting = items[0]?.status?.containerStatuses?.some(
        ({ name, state }) => name === 'server' && state?.running,
      );
      return isWaiting && items[0];
    },
    { timeout: 120_000, interval: 500 },
  );
  await client.delete(modelResource, name);
  await waitFor<PodObject>(client, podResource, pod.metadata, (found) => !!found?.metadata.deletionTimestamp);
  const start = performance.now();
  await waitFor<PodObject>(client, podResource, pod.metadata, (found) => !found);
  expect((performance.now() - start) / 1000).toBeLessThan(maxSeconds);
});
