import { Command, InvalidArgumentError, Option } from 'commander';
import { type Cluster, down, type Size, status, useCluster } from './cluster.ts';

const interrupted = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => interrupted.abort(new Error(`Interrupted by ${name}.`)));
}
const log = (line: string): void => console.log(line);
const common = { log, signal: interrupted.signal };

type NameOption = { readonly name: string };
type UpFlags = NameOption & {
  readonly size: Size;
  readonly fresh?: boolean;
  readonly apiPort?: number;
  readonly ingressPort?: number;
};

const program = new Command('cluster').description(
  'A local Kubernetes with Knative, without a container engine.',
);

program
  .command('up')
  .description('bring the cluster up; does nothing when it is')
  .addOption(nameOption())
  .addOption(
    new Option('--size <size>', 'how much of a cluster').choices(['control-plane', 'node']).default('node'),
  )
  .option('--fresh', 'forget all objects of last time; images are kept')
  .option('--api-port <port>', "the API server's port on 127.0.0.1", parsePort)
  .option('--ingress-port <port>', "the ingress's port on 127.0.0.1", parsePort)
  .action(async ({ name, size, fresh = false, apiPort, ingressPort }: UpFlags) => {
    const ports = { ...(apiPort && { api: apiPort }), ...(ingressPort && { ingress: ingressPort }) };
    explain(await useCluster({ name, size, fresh, ports, ...common }));
  });

program
  .command('down')
  .description('end everything of the cluster')
  .addOption(nameOption())
  .option('--fresh', 'forget all objects as well; images are kept')
  .action(async ({ name, fresh = false }: NameOption & { readonly fresh?: boolean }) => {
    await down({ name, fresh, ...common });
  });

program
  .command('status')
  .description('tell whether the cluster is up; status 1 when it is not')
  .addOption(nameOption())
  .action(async ({ name }: NameOption) => {
    const found = await status({ name });
    const ended = found.ended.length > 0 ? `; ended: ${found.ended.join(', ')}` : '';
    log(`cluster "${found.name}"${found.size ? ` (${found.size})` : ''}: ${found.state}${ended}`);
    process.exitCode = found.state === 'up' ? 0 : 1;
  });

try {
  await program.parseAsync();
} catch (error) {
  const cause = interrupted.signal.aborted ? interrupted.signal.reason : error;
  console.error(cause instanceof Error ? cause.message : cause);
  process.exitCode = interrupted.signal.aborted ? 130 : 1;
}

function nameOption(): Option {
  return new Option('--name <name>', 'several can run side by side').default('default');
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw new InvalidArgumentError('Not a port.');
  return port;
}

function explain(cluster: Cluster): void {
  log(`
export KUBECONFIG=${cluster.kubeconfig}
${cluster.kubectl} get pods --all-namespaces`);
  if (!cluster.ingress) return;
  const { host, port } = cluster.ingress;
  log(`curl --header 'Host: NAME.NAMESPACE.${cluster.domain}' http://${host}:${port}/`);
}
