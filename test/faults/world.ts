import type { FoundTemplate, KnativeServiceObject, PodObject, RevisionObject } from '#knative/objects.ts';
import { revisionResource, serviceResource } from '#knative/objects.ts';
import type { Reader } from '#kube/client/client.ts';
import type { GroupVersionResource, KubernetesObject } from '#kube/client/objects.ts';
import { podResource } from '#kube/client/objects.ts';
import { modelResource } from '#operator/resources.ts';
import type { Model } from '../support/models.ts';

export interface Revision extends RevisionObject {
  readonly spec?: FoundTemplate['spec'];
}

/** Everything of the models of some namespaces. */
export interface World {
  readonly models: readonly Model[];
  readonly services: readonly KnativeServiceObject[];
  readonly revisions: readonly Revision[];
  readonly pods: readonly PodObject[];
}

export const routeResource: GroupVersionResource = { ...serviceResource, plural: 'routes' };

/** As the API server has it now, cache or no cache. */
export async function worldNow(client: Reader, namespaces: readonly string[]): Promise<World> {
  const all = async <T extends KubernetesObject>(resource: GroupVersionResource): Promise<T[]> => {
    const lists = await Promise.all(namespaces.map((namespace) => client.list<T>(resource, { namespace })));
    return lists.flatMap(({ items }) => items);
  };
  const [models, services, revisions, pods] = await Promise.all([
    all<Model>(modelResource),
    all<KnativeServiceObject>(serviceResource),
    all<Revision>(revisionResource),
    all<PodObject>(podResource),
  ]);
  return { models, services, revisions, pods };
}

/** The uid of the Service that a revision was made for. */
export const serviceUidOf = ({ metadata }: KubernetesObject): string =>
  metadata.labels?.['serving.knative.dev/serviceUID'] ?? '';
