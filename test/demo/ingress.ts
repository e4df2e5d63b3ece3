import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Cluster } from '../cluster/cluster.ts';
import { run } from '../cluster/exec.ts';
import type { Ingress } from '../support/inference.ts';

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
    if (found.trim())
      return forward([...kube, 'port-forward', '-n', namespace, `service/${service}`, ':80'], signal);
  }
  throw new Error(`found no ingress of Knative: looked for the services ${gateways.join(', ')}`);
}

async function forward(
  [file = '', ...args]: readonly string[],
  signal: AbortSignal,
): Promise<Ingress & AsyncDisposable> {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'], signal });
  child.on('error', () => {});
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill();
    await ended;
  };
  for await (const line of createInterface(child.stdout)) {
    const port = /127\.0\.0\.1:(\d+)/.exec(line)?.[1];
    if (port) return { host: '127.0.0.1', port: Number(port), [Symbol.asyncDispose]: stop };
  }
  await stop();
  throw new Error(`${file} ${args.join(' ')} ended before it forwarded anything`);
}
