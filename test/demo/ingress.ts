import type { Cluster } from '../cluster/cluster.ts';
import { run } from '../cluster/exec.ts';
import type { Ingress } from '../support/inference.ts';
import { portForward } from '../support/port-forward.ts';

/** The gateways of Knative's own networking layers, as `namespace/service`. */
const gateways = ['kourier-system/kourier', 'istio-system/istio-ingressgateway', 'contour-external/envoy'];

/**
 * The way to the cluster's ingress from here: that of a local cluster, or a port-forward to the gateway of a given one,
 * which ends when disposed of.
 */
export async function reachIngress(
  cluster: Cluster,
  signal: AbortSignal,
): Promise<Ingress & AsyncDisposable> {
  if (cluster.ingress) return { ...cluster.ingress, [Symbol.asyncDispose]: async () => {} };
  const kube = [cluster.kubectl, `--kubeconfig=${cluster.kubeconfig}`];
  for (const gateway of gateways) {
    const [namespace = '', service = ''] = gateway.split('/');
    const found = await run([
      ...kube,
      'get',
      'service',
      service,
      '-n',
      namespace,
      '--ignore-not-found',
      '-o',
      'name',
    ]);
    if (found.trim()) return portForward(kube, namespace, service, 80, signal);
  }
  throw new Error(`found no ingress of Knative: looked for the services ${gateways.join(', ')}`);
}
