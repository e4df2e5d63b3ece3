import type { NamespacedName } from '#kube/client/objects.ts';
import { knativeNamespace } from './names.ts';
import type { ConfigMap } from './objects.ts';
import { dataOf } from './settings.ts';

/** The Service of the public gateway of each networking layer of Knative, as each is installed by its own manifests. */
const gateways: Readonly<Record<string, NamespacedName>> = {
  'kourier.ingress.networking.knative.dev': { namespace: 'kourier-system', name: 'kourier' },
  'istio.ingress.networking.knative.dev': { namespace: 'istio-system', name: 'istio-ingressgateway' },
  'contour.ingress.networking.knative.dev': { namespace: 'contour-external', name: 'envoy' },
};

/** The class of the ingress, and the Service of its gateway where the class is a known one. */
export function ingressOf(settings: readonly ConfigMap[]) {
  const network = dataOf(settings, 'config-network');
  const name = network['ingress-class'] ?? network['ingress.class'] ?? 'istio.ingress.networking.knative.dev';
  return { name, gateway: gateways[name] };
}

/** The domain of models without a label that asks for another; Knative ships with none of its own. */
export function domainOf(settings: readonly ConfigMap[]): string | undefined {
  const domains = Object.entries(dataOf(settings, 'config-domain')).filter(([key]) => key !== '_example');
  return (domains.find(([, selector]) => !selector) ?? domains[0])?.[0];
}

/** The host name of a model, by the template of the cluster where it is one of names alone. */
export function hostOf(settings: readonly ConfigMap[], name: string, namespace: string): string {
  const template =
    dataOf(settings, 'config-network')['domain-template'] ?? '{{.Name}}.{{.Namespace}}.{{.Domain}}';
  return template
    .replaceAll('{{.Name}}', name)
    .replaceAll('{{.Namespace}}', namespace)
    .replaceAll('{{.Domain}}', domainOf(settings) ?? 'svc.cluster.local');
}

export const gatewayName = ({ namespace = knativeNamespace, name }: NamespacedName) => `${namespace}/${name}`;
