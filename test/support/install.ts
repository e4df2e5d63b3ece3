import { join } from 'node:path';
import type { Cluster } from '../cluster/cluster.ts';
import { run } from '../cluster/exec.ts';

export const manifests = join(import.meta.dirname, '../../manifests');

/** The operator's name towards the API server. */
export const operatorUser = 'system:serviceaccount:dormouse-system:dormouse';

/** Installs CRDs and operator from manifests/, and waits until the operator runs. The image must be on the node. */
export async function installOperator({
  kubectl,
  kubeconfig,
}: Pick<Cluster, 'kubectl' | 'kubeconfig'>): Promise<void> {
  const namespace = '--namespace=dormouse-system';
  const file = (name: string): string => join(manifests, name);
  const kube = (...args: string[]) => run([kubectl, `--kubeconfig=${kubeconfig}`, ...args]);
  // On a cluster that was kept: the image may be a new one under its old name, and a selector cannot be changed.
  await kube('delete', 'deployment/dormouse', namespace, '--ignore-not-found');
  await kube('apply', '-f', file('crds.yaml'), '-f', file('install.yaml'));
  await kube('wait', '--for=condition=Established', '-f', file('crds.yaml'), '--timeout=60s');
  await kube('apply', '-f', file('runtimes.yaml'));
  await kube('rollout', 'status', 'deployment/dormouse', namespace, '--timeout=120s');
}
