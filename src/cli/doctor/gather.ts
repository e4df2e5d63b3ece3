import { lookup } from 'node:dns/promises';
import { inferenceModels, labels } from '#api/group.ts';
import { hostOf, ingressOf } from '#knative/ingress.ts';
import { knativeNamespace } from '#knative/names.ts';
import type { ConfigMap, PodObject } from '#knative/objects.ts';
import { type Client, listAll } from '#kube/client/client.ts';
import type { GroupVersionResource, KubernetesObject } from '#kube/client/objects.ts';
import {
  configMapResource,
  crdResource,
  deploymentResource,
  endpointSliceResource,
  podResource,
} from '#kube/client/objects.ts';
import { modelResource, profileResource, runtimeResource } from '#operator/resources.ts';
import { type DeploymentObject, operatorSelector } from '../cluster/installed-operator.ts';
import { cliManager } from '../cluster/open.ts';
import type { EndpointSliceObject } from '../predict/gateway.ts';
import { ourCrds } from './dormouse.ts';
import { serviceCrd } from './platform.ts';
import { type CrdObject, type Right, type Snapshot, see, valueIn } from './snapshot.ts';

/** Looks at a cluster, at each thing as far as the caller may see it. */
export async function gather(client: Client, kubernetes: string, namespace: string): Promise<Snapshot> {
  const list = <T extends KubernetesObject>(
    resource: GroupVersionResource,
    options: { readonly namespace?: string; readonly labelSelector?: string } = {},
  ) => see(listAll<T>(client, resource, options));
  const names = [...ourCrds.keys(), serviceCrd];
  const inKnative = { namespace: knativeNamespace };
  const [crds, knative, settings, operators, operatorPods, runtimes, profiles, modelPods] = await Promise.all(
    [
      Promise.all(names.map((name) => see(client.get<CrdObject>(crdResource, { name })))),
      list<DeploymentObject>(deploymentResource, inKnative),
      list<ConfigMap>(configMapResource, inKnative),
      list<DeploymentObject>(deploymentResource, { labelSelector: operatorSelector }),
      list<PodObject>(podResource, { labelSelector: operatorSelector }),
      list<KubernetesObject>(runtimeResource),
      list<KubernetesObject>(profileResource),
      list<PodObject>(podResource, { labelSelector: labels.model }),
    ],
  );
  // Without the settings it is not known which ingress there is.
  const gateway = settings.state === 'found' ? ingressOf(settings.value).gateway : undefined;
  const host = hostOf(valueIn(settings) ?? [], 'iris', namespace);
  const [behind, rights, resolves] = await Promise.all([
    gateway &&
      list<EndpointSliceObject>(endpointSliceResource, {
        ...(gateway.namespace && { namespace: gateway.namespace }),
        labelSelector: `kubernetes.io/service-name=${gateway.name}`,
      }),
    Promise.all(wanted(namespace, gateway?.namespace).map((right) => ask(client, right))),
    lookup(host).then(
      () => true,
      () => false,
    ),
  ]);
  return {
    kubernetes,
    namespace,
    crds: Object.fromEntries(names.map((name, index) => [name, crds[index] ?? { state: 'absent' }])),
    knative,
    settings,
    gateway: behind,
    host: { name: host, resolves },
    operators,
    operatorPods,
    runtimes,
    profiles,
    pods: modelPods,
    rights,
  };
}

type Wanted = Omit<Right, 'allowed'> & { readonly group: string };

/** What a user of models needs to do. */
function wanted(namespace: string, gateway: string | undefined): Wanted[] {
  const { group } = modelResource;
  const resource = inferenceModels.plural;
  return [
    { purpose: `see models in ${namespace}`, verb: 'list', group, resource, namespace },
    { purpose: `apply models in ${namespace}`, verb: 'patch', group, resource, namespace },
    { purpose: 'see why a pod fails', verb: 'list', group: '', resource: 'pods', namespace },
    { purpose: 'read logs', verb: 'get', group: '', resource: 'pods/log', namespace },
    {
      purpose: 'predict while a pod runs',
      verb: 'create',
      group: '',
      resource: 'pods/portforward',
      namespace,
    },
    ...(gateway
      ? [
          {
            purpose: 'wake models by predict, without their URL',
            verb: 'create',
            group: '',
            resource: 'pods/portforward',
            namespace: gateway,
          },
        ]
      : []),
  ];
}

interface AccessReview extends KubernetesObject {
  readonly status?: { readonly allowed: boolean };
}

async function ask(client: Client, { group, ...right }: Wanted): Promise<Right> {
  const [resource, subresource] = right.resource.split('/');
  const { verb, namespace } = right;
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    // Such a review is never stored, and has no name.
    metadata: { name: '' },
    spec: { resourceAttributes: { verb, namespace, group, resource, subresource } },
  };
  const reviews = {
    group: 'authorization.k8s.io',
    version: 'v1',
    plural: 'selfsubjectaccessreviews',
    namespaced: false,
  };
  const { status } = await client.create<AccessReview>(reviews, review, { fieldManager: cliManager });
  return { ...right, allowed: status?.allowed ?? false };
}
