import { serviceResource } from '#knative/objects.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import type { RestClient } from '#kube/client/rest.ts';
import { modelResource } from '#operator/resources.ts';
import { manifest } from '../support/models.ts';
import { waitFor } from '../support/wait.ts';

/**
 * Changes a good model of its own, and waits until its Knative Service has followed.
 * @returns how long that took, in milliseconds
 */
export async function sing(client: RestClient, namespace: string, note: number): Promise<number> {
  const env = [{ name: 'NOTE', value: `note-${note}` }];
  const spec = { container: { image: 'dev.local/canary:1', env } };
  const name = { namespace, name: 'canary' };
  const started = performance.now();
  await client.apply(modelResource, manifest(spec, name) as KubernetesObject, { fieldManager: 'user' });
  await waitFor(client, serviceResource, name, (found) =>
    JSON.stringify(found ?? {}).includes(`"note-${note}"`),
  );
  return performance.now() - started;
}
