import type { Binaries } from '../binaries.ts';
import { network } from '../network.ts';
import type { Component } from '../sandbox.ts';
import type { KubeObject } from './render.ts';

/** The programs of Knative that make sense where no pods run. */
export const processes = ['webhook', 'controller', 'autoscaler'] as const;

export type KnativeProcess = (typeof processes)[number];

/**
 * Knative's objects where its programs are plain processes beside the API server: no Deployments, and Services that
 * lead to the node's address.
 */
export function withoutPods(objects: readonly KubeObject[]): KubeObject[] {
  return objects
    .filter(({ kind }) => kind !== 'Deployment')
    .flatMap((object) => (object.kind === 'Service' ? pointToNode(object) : [object]));
}

function pointToNode(service: KubeObject): KubeObject[] {
  const { selector: _, ...spec } = service.spec;
  const { name, namespace } = service.metadata;
  const ports = spec.ports.map((port: { name: string; targetPort: number }) => ({
    name: port.name,
    port: port.targetPort,
    protocol: 'TCP',
  }));
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, ...(namespace && { namespace }), labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [network.node], conditions: { ready: true } }],
    ports,
  };
  // API servers before 1.34 look here for where a webhook is. By its label no controller copies it into another slice.
  const endpoints = {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      name,
      ...(namespace && { namespace }),
      labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' },
    },
    subsets: [{ addresses: [{ ip: network.node }], ports }],
  };
  return [{ ...service, spec }, slice, endpoints];
}

/** How to run the container of a Deployment as a process: its program, with the environment it would have. */
export function asProcess(
  deployment: KubeObject,
  binaries: Binaries,
  kubeconfig: string,
  apiSocket: string,
): Component {
  const { name, namespace = '' } = deployment.metadata;
  const fields: Record<string, string> = {
    'metadata.name': `${name}-0`,
    'metadata.namespace': namespace,
    'status.podIP': network.node,
  };
  const variables: { name: string; value?: string; valueFrom?: { fieldRef: { fieldPath: string } } }[] =
    deployment.spec.template.spec.containers[0].env;
  const env = Object.fromEntries(
    variables.map(({ name, value, valueFrom }) => [
      name,
      value ?? fields[valueFrom?.fieldRef.fieldPath ?? ''] ?? '',
    ]),
  );
  const argv = [binaries[name as (typeof processes)[number]]];
  return {
    name: `knative-${name}`,
    argv: name === 'controller' ? inOwnNetwork(argv, apiSocket) : argv,
    // Each of them serves profiles at one port unless told otherwise.
    env: { ...env, PROFILING_PORT: '0', KUBECONFIG: kubeconfig },
  };
}

// Controller and autoscaler both insist on port 8080. The controller only needs to reach the API server, so it gets a
// network of its own with a relay at the address where the API server is elsewhere.
function inOwnNetwork(argv: readonly string[], apiSocket: string): string[] {
  const port = network.apiPort;
  const script = `ip link set lo up
socat TCP-LISTEN:${port},bind=127.0.0.1,fork,reuseaddr UNIX-CONNECT:"$1" &
shift; exec "$@"`;
  return ['unshare', '--net', 'sh', '-ec', script, 'sh', apiSocket, ...argv];
}
