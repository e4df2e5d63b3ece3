import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { InferenceModelStatus } from '#api/v1alpha1/status.ts';
import { connect } from '#kube/client/connection.ts';
import { RestClient } from '#kube/client/rest.ts';
import { type Lease, leaseResource } from '#kube/election/lease-lock.ts';
import { modelResource } from '#operator/resources.ts';
import { type Cluster, down, useCluster } from '../cluster/cluster.ts';
import { run } from '../cluster/exec.ts';
import { type Expected, irisImage } from '../images/iris.ts';
import { operatorImage } from '../images/operator.ts';
import type { Ingress } from '../support/inference.ts';
import { installOperator, manifests } from '../support/install.ts';
import type { Model } from '../support/models.ts';
import { waitFor } from '../support/wait.ts';
import { provideImages } from './images.ts';
import { reachIngress } from './ingress.ts';
import { askIris, median } from './predictions.ts';
import { command, say, title } from './screen.ts';
import { watchTable } from './table.ts';

const name = 'demo';
const model = { namespace: 'default', name: 'iris' };
const lease = { namespace: 'dormouse-system', name: 'dormouse' };
const sample = join(manifests, 'samples/iris.yaml');
const warmRequests = 9;

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => interrupted.abort(new Error(`interrupted by ${signal}`)));

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { loaded: { type: 'boolean' } },
});

try {
  if (positionals[0] === 'down') await down({ name, log: console.log });
  else await demo();
} catch (error) {
  console.error(`\nerror: ${error instanceof Error ? error.message : error}`);
  process.exit(interrupted.signal.aborted ? 130 : 1);
}

async function demo(): Promise<void> {
  title('A Kubernetes cluster with Knative');
  const cluster = await useCluster({ name, log: console.log, signal: interrupted.signal });
  const stopped = new Promise<never>((_, reject) => {
    interrupted.signal.addEventListener('abort', () =>
      reject(
        new Error(`${interrupted.signal.reason.message}; the cluster is up still: npm run demo -- down`),
      ),
    );
  });
  await Promise.race([tour(cluster), stopped]);
}

async function tour(cluster: Cluster): Promise<void> {
  // After the cluster, which installs what the machine lacks, Python among it.
  const iris = await irisImage({ log: say });
  const operator = await operatorImage({ log: say });
  if (!values.loaded) await provideImages(cluster, [iris, operator], say);

  title('Dormouse: its CRDs, its operator and its runtimes');
  command('kubectl apply -f manifests/crds.yaml -f manifests/install.yaml');
  command('kubectl apply -f manifests/runtimes.yaml');
  const connection = await connect({ kubeconfig: cluster.kubeconfig, env: {} });
  const client = new RestClient(connection);
  const earlier = await leaderIn(client);
  await installOperator(cluster);
  // That of an earlier demo may have gone without giving its Lease back, which runs out first.
  await waitFor<Lease>(client, leaseResource, lease, (found) => {
    const leader = found?.spec?.holderIdentity;
    return !!leader && leader !== earlier;
  });
  say('the operator runs');

  title('One model');
  command('kubectl apply -f manifests/samples/iris.yaml');
  const kube = (...args: string[]) => run([cluster.kubectl, `--kubeconfig=${cluster.kubeconfig}`, ...args]);
  await kube('apply', '-f', sample);
  using _ = watchTable(cluster, model.name, say, interrupted.signal);
  await using ingress = await reachIngress(cluster, interrupted.signal);
  await show(client, ingress, JSON.parse(await readFile(iris.models.sklearn.expected, 'utf8')));
  await connection.close();

  farewell(cluster, ingress);
}

async function leaderIn(client: RestClient): Promise<string | undefined> {
  const { items } = await client.list<Lease>(leaseResource, { namespace: lease.namespace });
  return items.find(({ metadata }) => metadata.name === lease.name)?.spec?.holderIdentity;
}

/** The life of a model: it serves, it sleeps, it wakes for a request. */
async function show(client: RestClient, ingress: Ingress, { rows, predictions }: Expected): Promise<void> {
  const until = (check: (status: InferenceModelStatus) => boolean) =>
    waitFor<Model>(client, modelResource, model, (found) => check(found?.status ?? {}));
  const ready = await until(({ conditions }) =>
    (conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True'),
  );
  const url = ready?.status?.url ?? '';

  title('A prediction');
  const first = await askIris(ingress, url, rows);
  say(`${rows.length} flowers over the V2 protocol: ${first.names.slice(0, 4).join(', ')}, ...`);
  if (first.predictions.join() !== predictions.join())
    throw new Error('the predictions are not those of scikit-learn');
  say("every prediction equals scikit-learn's own");
  const warm: number[] = [];
  for (let count = 0; count < warmRequests; count += 1) warm.push((await askIris(ingress, url, rows)).ms);

  // One from an earlier demo was asleep, and its status is still of that time.
  await until(({ state }) => state === 'Awake');
  title('No requests: the model goes to sleep');
  await until(({ state, replicas }) => state === 'Asleep' && replicas === 0);
  say('0 replicas: nothing runs, nothing is paid for');

  title('A request: the model wakes');
  const woken = await askIris(ingress, url, rows);
  say(
    `${woken.names[0]}, ... after ${(woken.ms / 1000).toFixed(1)} s, waking included; awake it takes ${median(warm).toFixed(0)} ms`,
  );
}

function farewell({ kubeconfig, kubectl, size }: Cluster, { host, port }: Ingress): void {
  title('Look around');
  command(`export KUBECONFIG=${kubeconfig}`);
  command(`${kubectl} get imodel,ksvc,pods`);
  if (size === 'given') {
    command(`${kubectl} delete -f ${sample}`);
    command(`${kubectl} delete -k ${manifests}`);
    return;
  }
  command(`curl -H 'Host: iris.default.example.test' http://${host}:${port}/v2/models/iris`);
  title('Stop it');
  command('npm run demo -- down');
}
