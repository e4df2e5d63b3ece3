import { labels } from '#api/group.ts';
import type { StoredModel } from '#decision/decide.ts';
import { knativeNamespace } from '#knative/names.ts';
import type { KnativeServiceObject } from '#knative/objects.ts';
import { type ConfigMap, revisionResource, serviceResource } from '#knative/objects.ts';
import { listAll, type Reader } from '#kube/client/client.ts';
import { isForbidden, isNotFound } from '#kube/client/errors.ts';
import type { GroupVersionResource, KubernetesObject } from '#kube/client/objects.ts';
import { configMapResource, deploymentResource } from '#kube/client/objects.ts';
import { modelResource, profileResource, runtimeResource } from '#operator/resources.ts';
import { profilesOf, runtimesOf } from '#operator/runtimes.ts';
import { PlainError } from '../action.ts';
import { type DeploymentObject, installedOperator, operatorSelector } from './installed-operator.ts';
import { byModel, type ClusterState, type FoundRevision, type Hidden, keyed } from './state.ts';

/**
 * What there is in some namespaces of a cluster, or in all; the settings of its Knative, its runtimes and operators, as
 * far as the caller may see them.
 * @throws PlainError where it has no Knative Serving; ApiError where something in the namespaces may not be read
 */
export async function readState(
  client: Reader,
  namespaces: readonly (string | undefined)[] = [undefined],
): Promise<ClusterState> {
  const inEach = async <T extends KubernetesObject>(resource: GroupVersionResource, labelSelector?: string) =>
    (
      await Promise.all(namespaces.map((namespace) => all<T>(client, resource, { namespace, labelSelector })))
    ).flatMap((found) => found ?? []);
  const [services, models, revisions, runtimes, profiles, settings, operators] = await Promise.all([
    inEach<KnativeServiceObject>(serviceResource),
    inEach<StoredModel>(modelResource),
    inEach<FoundRevision>(revisionResource, labels.model),
    unlessHidden(all<KubernetesObject>(client, runtimeResource)),
    unlessHidden(all<KubernetesObject>(client, profileResource)),
    unlessHidden(all<ConfigMap>(client, configMapResource, { namespace: knativeNamespace })),
    unlessHidden(all<DeploymentObject>(client, deploymentResource, { labelSelector: operatorSelector })),
  ]);
  if (!settings?.length)
    throw new PlainError(
      `the cluster has no ConfigMaps in ${knativeNamespace}: install Knative Serving first`,
    );
  return {
    models: keyed(models),
    services: keyed(services),
    revisions: byModel(revisions),
    // Without our CRDs there is no controller either, and the built-in ones are taken.
    runtimes: runtimes === 'hidden' ? undefined : runtimes && runtimesOf(runtimes),
    profiles: profiles === 'hidden' ? [] : profilesOf(profiles ?? []),
    settings: settings === 'hidden' ? [] : settings,
    operators: operators === 'hidden' ? [] : (operators ?? []).map(installedOperator),
    hidden: Object.entries({ settings, runtimes, operators })
      .filter(([, found]) => found === 'hidden')
      .map(([what]) => what as Hidden),
  };
}

/** What is found, or that the caller may not see it. */
const unlessHidden = <T>(found: Promise<T>): Promise<T | 'hidden'> =>
  found.catch((error) => {
    if (!isForbidden(error)) throw error;
    return 'hidden';
  });

/** All objects of a kind; nothing where the cluster does not know the kind. */
async function all<T extends KubernetesObject>(
  client: Reader,
  resource: GroupVersionResource,
  {
    namespace,
    labelSelector,
  }: { readonly namespace?: string | undefined; readonly labelSelector?: string | undefined } = {},
): Promise<readonly T[] | undefined> {
  const selection = { ...(namespace && { namespace }), ...(labelSelector && { labelSelector }) };
  try {
    return await listAll<T>(client, resource, selection);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
