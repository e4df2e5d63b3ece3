import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { knativeNamespace } from '#knative/names.ts';
import { connect } from '#kube/client/connection.ts';
import { RestClient } from '#kube/client/rest.ts';
import { adminApi } from '../cluster/api.ts';
import { makeCredentials } from '../cluster/credentials.ts';
import { clusterFolder, remembered } from '../cluster/folder.ts';
import { type Failing, killComponent, restartComponent } from '../cluster/outage.ts';
import { until } from '../cluster/wait.ts';
import { environment } from '../support/environment.ts';
import { runKubectl, type Target } from '../support/kubectl.ts';
import { Churn } from './churn.ts';
import { Ledger } from './ledger.ts';
import { Observer } from './observer.ts';
import { FaultProxy } from './proxy.ts';
import { Seat } from './seat.ts';
import { Sightings } from './sightings.ts';

export interface RigOptions {
  /** A local cluster that is up, with CRDs and rights from manifests/ in it. */
  readonly cluster: Target & { readonly name: string };
  /** Where kubeconfigs and logs are put. */
  readonly scratch: string;
  /** They exist, and nobody else uses them. */
  readonly namespaces: readonly string[];
  /** Operators that run at once, and fight for the Lease if there are more than one. */
  readonly operators: number;
}

/** Everything of one run: the cluster, operators that each sit behind a proxy, and who keeps an eye on them. */
export interface Rig {
  readonly namespaces: readonly string[];
  readonly client: RestClient;
  readonly ledger: Ledger;
  readonly sightings: Sightings;
  readonly observer: Observer;
  readonly churn: Churn;
  readonly seats: readonly [Seat, ...Seat[]];
  kill(component: Failing): Promise<void>;
  /** Resolves when the API server answers again. */
  restart(...components: readonly Failing[]): Promise<void>;
}

const controllers = 'kube-controller-manager';

/** Opens a rig, its operators at work. */
export async function openRig(options: RigOptions): Promise<Rig & AsyncDisposable> {
  const { cluster, namespaces, operators } = options;
  await using stack = new AsyncDisposableStack();
  const connection = await connect({ kubeconfig: cluster.kubeconfig, env: {} });
  stack.defer(() => connection.close());
  const client = new RestClient(connection);
  await scaleFromZero(cluster, true);
  stack.defer(() => scaleFromZero(cluster, false));

  const ledger = new Ledger(environment());
  const sightings = new Sightings(ledger);
  const observer = stack.use(await Observer.start(client, namespaces, sightings));
  const folder = clusterFolder(cluster.name);
  const credentials = await makeCredentials(folder);
  const [certificate, key] = await Promise.all(
    [credentials.certificate, credentials.key].map((file) => readFile(file, 'utf8')),
  );
  const token = await runKubectl(cluster, [
    ...['create', 'token', 'dormouse', '--namespace=dormouse-system', '--duration=24h'],
  ]);
  const seats: Seat[] = [];
  for (let index = 0; index < operators; index += 1) {
    const proxy = stack.use(
      await FaultProxy.open({
        server: connection.server,
        certificate: certificate ?? '',
        key: key ?? '',
      }),
    );
    const kubeconfig = join(options.scratch, `kubeconfig-${index}`);
    await writeFile(kubeconfig, kubeconfigOf(proxy.url, certificate ?? '', token.trim()), { mode: 0o600 });
    const log = join(options.scratch, `operator-${index}.log`);
    seats.push(stack.use(new Seat(proxy, kubeconfig, log, operators > 1)));
  }
  const api = await adminApi(credentials, (await remembered(folder))?.ports.api ?? 0);
  stack.defer(() => api.close());
  await Promise.all(seats.map((seat) => seat.start().ready));
  const disposal = stack.move();
  return {
    namespaces,
    client,
    ledger,
    sightings,
    observer,
    churn: new Churn(client, ledger, namespaces),
    seats: seats as [Seat, ...Seat[]],
    kill: (component) => killComponent(cluster.name, component),
    restart: async (...components) => {
      for (const component of components) await restartComponent(cluster.name, component);
      const ready = async () => (await api.request('GET', '/readyz')).status === 200;
      await until('the API server to be ready again', ready);
      // As its lost Lease would have it: it does not see a model that was deleted and made anew meanwhile (see stillThere).
      await killComponent(cluster.name, controllers);
      await restartComponent(cluster.name, controllers);
    },
    [Symbol.asyncDispose]: () => disposal.disposeAsync(),
  };
}

/** A revision that may begin with no pod is ready at once: traffic moves though nothing runs pods here. */
async function scaleFromZero(cluster: Target, on: boolean): Promise<void> {
  const data = on
    ? { 'allow-zero-initial-scale': 'true', 'initial-scale': '0' }
    : { 'allow-zero-initial-scale': null, 'initial-scale': null };
  const patch = ['patch', 'configmap', 'config-autoscaler', '--type=merge', '-p', JSON.stringify({ data })];
  await runKubectl(cluster, [...patch, `--namespace=${knativeNamespace}`]);
}

function kubeconfigOf(server: string, certificate: string, token: string): string {
  const name = 'dormouse';
  const authority = Buffer.from(certificate).toString('base64');
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, 'certificate-authority-data': authority } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: 'dormouse-system' } }],
    'current-context': name,
  });
}
