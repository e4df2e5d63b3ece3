import { listAll, type Reader } from '#kube/client/client.ts';
import { isNotFound } from '#kube/client/errors.ts';
import type { KubernetesObject, NamespacedName } from '#kube/client/objects.ts';
import { coreServiceResource, endpointSliceResource } from '#kube/client/objects.ts';
import type { PodPort } from '#kube/client/port-forward.ts';
import { PlainError } from '../action.ts';
import { NoAnswerError } from './failure.ts';

export interface ServiceObject extends KubernetesObject {
  readonly spec?: {
    readonly externalName?: string;
    readonly ports?: readonly { readonly name?: string; readonly port: number }[];
  };
}

export interface EndpointSliceObject extends KubernetesObject {
  readonly ports?: readonly { readonly name?: string; readonly port?: number }[];
  readonly endpoints?: readonly {
    readonly conditions?: { readonly ready?: boolean };
    readonly targetRef?: { readonly kind?: string; readonly namespace?: string; readonly name?: string };
  }[];
}

/**
 * The pod of the ingress that answers for a model within the cluster, whether or not the model is awake. Knative leads
 * the model's own name there, by a Service without pods; which ingress it is does not matter.
 *
 * @throws PlainError where there is none that the API server could lead to
 */
export async function findGateway(client: Reader, model: NamespacedName): Promise<PodPort> {
  const alias = await client.get<ServiceObject>(coreServiceResource, model).catch((error) => {
    if (!isNotFound(error)) throw error;
    throw new NoAnswerError('it has never served');
  });
  const gateway = serviceNamed(alias.spec?.externalName);
  if (!gateway)
    throw new PlainError(
      `${model.name}: its name leads to no Service of the cluster, which the API server could lead to: name the ingress with --via HOST:PORT`,
    );
  const [service, endpoints] = await Promise.all([
    client.get<ServiceObject>(coreServiceResource, gateway),
    listAll<EndpointSliceObject>(client, endpointSliceResource, {
      namespace: gateway.namespace,
      labelSelector: `kubernetes.io/service-name=${gateway.name}`,
    }),
  ]);
  const found = podBehind(service, endpoints);
  if (!found)
    throw new PlainError(
      `the ingress has no pod that is ready behind Service ${gateway.namespace}/${gateway.name}: "dormouse doctor" says more`,
    );
  return found;
}

/** The Service that a host name within a cluster stands for: NAME.NAMESPACE.svc.DOMAIN. */
export function serviceNamed(host = ''): { readonly namespace: string; readonly name: string } | undefined {
  const [name, namespace, svc] = host.split('.');
  return name && namespace && svc === 'svc' ? { namespace, name } : undefined;
}

/** A pod that is ready, and its port that stands behind port 80 of the Service. */
export function podBehind(
  { spec }: ServiceObject,
  endpoints: readonly EndpointSliceObject[],
): PodPort | undefined {
  const http = spec?.ports?.find(({ port }) => port === 80);
  for (const slice of endpoints) {
    const port = slice.ports?.find(({ name }) => (name ?? '') === (http?.name ?? ''))?.port;
    const ready = slice.endpoints?.find(
      ({ conditions, targetRef }) => conditions?.ready !== false && targetRef?.kind === 'Pod',
    );
    const { namespace, name: pod } = ready?.targetRef ?? {};
    if (http && port && namespace && pod) return { namespace, pod, port };
  }
  return undefined;
}
