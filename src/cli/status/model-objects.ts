import { labels } from '#api/group.ts';
import type { KnativeCondition, KnativeServiceObject, PodObject, RevisionObject } from '#knative/objects.ts';
import { revisionResource, serviceResource } from '#knative/objects.ts';
import type { Reader } from '#kube/client/client.ts';
import { isNotFound } from '#kube/client/errors.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import { deploymentResource, podResource } from '#kube/client/objects.ts';
import type { FoundModel } from '../cluster/model.ts';

/** What `status` reads of a Deployment. */
export interface DeploymentObject extends KubernetesObject {
  readonly spec?: { readonly replicas?: number };
  readonly status?: {
    readonly readyReplicas?: number;
    readonly conditions?: readonly KnativeCondition[];
  };
}

/** A model, and everything that was made for it. */
export interface ModelObjects {
  readonly model: FoundModel;
  readonly service: KnativeServiceObject | undefined;
  readonly revisions: readonly RevisionObject[];
  readonly deployments: readonly DeploymentObject[];
  readonly pods: readonly PodObject[];
}

/** Reads what belongs to a model, by name and by our label. */
export async function readModelObjects(client: Reader, model: FoundModel): Promise<ModelObjects> {
  const { name, namespace } = model.metadata;
  const ours = { ...(namespace && { namespace }), labelSelector: `${labels.model}=${name}` };
  const [service, revisions, ...others] = await Promise.all([
    client
      .get<KnativeServiceObject>(serviceResource, { ...(namespace && { namespace }), name })
      .catch((error) => {
        if (isNotFound(error)) return undefined;
        throw error;
      }),
    client.list<RevisionObject>(revisionResource, ours),
    client.list<DeploymentObject>(deploymentResource, ours),
    client.list<PodObject>(podResource, ours),
  ]);
  return {
    model,
    service,
    revisions: revisions.items,
    deployments: others[0].items,
    pods: others[1].items,
  };
}
