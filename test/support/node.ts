import type { Reader } from '#kube/client/client.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import { deploymentResource } from '#kube/client/objects.ts';
import { cluster } from './cluster.ts';
import type { Ingress } from './inference.ts';
import { waitFor } from './wait.ts';

interface Deployment extends KubernetesObject {
  readonly spec?: { readonly replicas?: number };
}

/** The ingress of the node under test. */
export function ingress(): Ingress {
  const found = cluster().ingress;
  if (!found) throw new Error('this cluster has no ingress that is reached from here');
  return found;
}

/**
 * Resolves once the only revision's Deployment in a namespace, or that of one Service, is wanted at no replica. The last
 * pods may live on for a while: Knative lets them drain.
 */
export async function asleep(client: Reader, namespace: string, service?: string): Promise<void> {
  const labelSelector = service ? `serving.knative.dev/service=${service}` : 'serving.knative.dev/service';
  const { items } = await client.list<Deployment>(deploymentResource, { namespace, labelSelector });
  const [only] = items;
  if (!only || items.length > 1) throw new Error(`${namespace} has ${items.length} Deployments, not one`);
  await waitFor<Deployment>(
    client,
    deploymentResource,
    only.metadata,
    (found) => found?.spec?.replicas === 0,
  );
}
