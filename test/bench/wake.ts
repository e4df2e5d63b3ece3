import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { InferenceModelSpecInput } from '#api/v1alpha1/spec.ts';
import type { KnativeServiceObject } from '#knative/objects.ts';
import { serviceResource } from '#knative/objects.ts';
import { connect } from '#kube/client/connection.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import { RestClient } from '#kube/client/rest.ts';
import { modelResource } from '#operator/resources.ts';
import { iris } from '#release/install/samples.ts';
import { down, up } from '../cluster/cluster.ts';
import { provideImages } from '../demo/images.ts';
import { median } from '../demo/predictions.ts';
import { type Expected, irisImage, irisImageName } from '../images/iris.ts';
import { operatorImage } from '../images/operator.ts';
import { storageImage } from '../images/storage.ts';
import { startBucket } from '../support/bucket.ts';
import { predict } from '../support/inference.ts';
import { installOperator } from '../support/install.ts';
import { runKubectl, type Target } from '../support/kubectl.ts';
import { manifest } from '../support/models.ts';
import { waitFor } from '../support/wait.ts';

// How long a request to a sleeping model takes: of a bare Knative Service, of an InferenceModel of the same image, and of
// one whose model is fetched from a bucket beside the same server. They take turns on one node, each round in another order.
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' } } });
const rounds = Number(values.rounds);
const name = 'bench';
const user = { fieldManager: 'bench' };
const core = { group: '', version: 'v1', namespaced: true };
const namespace = 'default';
const warmRequests = 20;
const subjects = ['bare', 'model', 'fetched'] as const;
type Subject = (typeof subjects)[number];
const titles: Record<Subject, string> = {
  bare: 'Knative Service, model in the image',
  model: 'InferenceModel, model in the image',
  fetched: 'InferenceModel, model from a bucket',
};

/** The same server with a model that is not in its image. */
const fetched: InferenceModelSpecInput = {
  model: { format: 'sklearn', uri: 's3://models/iris', credentials: { secretRef: { name: 'bucket' } } },
  runtime: {
    image: irisImageName,
    command: ['/opt/python/bin/python3', '/opt/packages/bin/mlserver', 'start', '$(MODEL_DIR)'],
  },
  resources: iris.resources,
  access: iris.access,
};

const cluster = await up({ name, fresh: true, log: console.log });
try {
  const image = await irisImage({ log: console.log });
  const images = [image, await operatorImage({ log: console.log }), await storageImage({ log: console.log })];
  await provideImages(cluster, images, console.log);
  await installOperator(cluster);
  const client = new RestClient(await connect({ kubeconfig: cluster.kubeconfig, env: {} }));
  const bucket = await startBucket(cluster, namespace);
  await bucket.put('iris/model.joblib', image.models.sklearn.file);
  const secret = { metadata: { namespace, name: 'bucket' }, stringData: bucket.secret };
  await client.create({ ...core, plural: 'secrets' }, secret, user);
  const models = { model: iris, fetched };
  for (const [name, spec] of Object.entries(models))
    await client.create(modelResource, manifest(spec, { name, namespace }) as KubernetesObject, user);
  await client.create(serviceResource, bareService(), user);
  const { rows }: Expected = JSON.parse(await readFile(image.models.sklearn.expected, 'utf8'));
  const { ingress } = cluster;
  if (!ingress) throw new Error('the cluster has no ingress');

  const served = { bare: 'iris', model: 'iris', fetched: 'fetched' };
  const urls = new Map<Subject, string>();
  for (const subject of subjects) urls.set(subject, await urlOf(client, subject));
  const sidecar = await memoryOf(cluster, 'fetch');
  const times = new Map(subjects.map((subject) => [subject, { cold: [], warm: [], gone: [] } as Times]));
  for (let round = 0; round < rounds; round += 1)
    for (const subject of turned(subjects, round)) {
      const of = times.get(subject) as Times;
      const gone = await asleep(client, subject);
      if (gone !== undefined) of.gone.push(gone);
      const ask = async () => (await predict(ingress, urls.get(subject) ?? '', served[subject], rows)).ms;
      of.cold.push(await ask());
      for (let count = 0; count < warmRequests; count += 1) of.warm.push(await ask());
      console.log(`round ${round + 1}, ${titles[subject]}: ${of.cold.at(-1)?.toFixed(0)} ms`);
    }

  const reference = times.get('bare') as Times;
  console.table(
    Object.fromEntries(
      [...times].map(([subject, { cold, warm, gone }]) => [
        titles[subject],
        {
          'cold (ms)': Math.round(median(cold)),
          'to the first': (median(cold) / median(reference.cold)).toFixed(2),
          'warm (ms)': median(warm).toFixed(1),
          'pods gone after scale-down (s)': (Math.max(...gone) / 1000).toFixed(1),
        },
      ]),
    ),
  );
  console.log(
    `medians of ${rounds} cold and ${rounds * warmRequests} warm requests; the longest time until gone`,
  );
  console.log(`memory of the sidecar once it has fetched: ${(sidecar / 1e6).toFixed(1)} MB`);
} finally {
  await down({ name, fresh: true });
}

interface Times {
  readonly cold: number[];
  readonly warm: number[];
  readonly gone: number[];
}

/** The subjects, each round with another one first. */
function turned(items: readonly Subject[], by: number): Subject[] {
  return items.map((_, index) => items[(index + by) % items.length] as Subject);
}

/** What somebody who knows Knative would write for the same image. */
function bareService(): KubernetesObject {
  const container = {
    image: irisImageName,
    readinessProbe: { httpGet: { path: '/v2/health/ready' }, periodSeconds: 1 },
    resources: iris.resources,
  };
  return {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Service',
    metadata: { name: 'bare', namespace },
    spec: { template: { spec: { containers: [container] } } },
  } as KubernetesObject;
}

/** The URL of a Knative Service, once it is ready. */
async function urlOf(client: RestClient, service: string): Promise<string> {
  const ready = await waitFor<KnativeServiceObject>(
    client,
    serviceResource,
    { namespace, name: service },
    (found) =>
      (found?.status?.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True'),
  );
  return ready?.status?.url ?? '';
}

/**
 * Resolves once no pod of a Knative Service is left (one that drains would still answer), with the milliseconds from
 * the deletion of the last one to its end; undefined where there was none.
 */
async function asleep(client: RestClient, service: string): Promise<number | undefined> {
  const pods = { ...core, plural: 'pods' };
  const labelSelector = `serving.knative.dev/service=${service}`;
  let deleted: number | undefined;
  for (;;) {
    const { items, resourceVersion } = await client.list(pods, { namespace, labelSelector });
    if (items.length === 0) return deleted === undefined ? undefined : Date.now() - deleted;
    const watch = client.watch<KubernetesObject>(pods, { namespace, labelSelector, resourceVersion });
    for await (const { type, object } of watch) {
      if (object.metadata.deletionTimestamp) deleted ??= Date.now();
      if (type === 'DELETED') break;
    }
  }
}

/** Bytes that the containers of a name hold, as the kubelet reads it of their cgroup. */
async function memoryOf(target: Target, container: string): Promise<number> {
  for (;;) {
    const nodes = JSON.parse(await runKubectl(target, ['get', 'nodes', '-o', 'json']));
    const path = `/api/v1/nodes/${nodes.items[0].metadata.name}/proxy/stats/summary`;
    const { pods } = JSON.parse(await runKubectl(target, ['get', '--raw', path]));
    const found = pods
      .flatMap((pod: { containers?: Stats[] }) => pod.containers ?? [])
      .find(({ name, memory }: Stats) => name === container && memory?.workingSetBytes !== undefined);
    if (found) return found.memory.workingSetBytes;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

interface Stats {
  readonly name: string;
  readonly memory?: { readonly workingSetBytes?: number };
}
