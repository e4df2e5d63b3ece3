import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { iris } from '../../src/install/samples.ts';
import { connect } from '../../src/kube/kubeconfig.ts';
import type { KubernetesObject } from '../../src/kube/objects.ts';
import { RestClient } from '../../src/kube/rest.ts';
import { modelResource, serviceResource } from '../../src/reconcilers/resources.ts';
import type { KnativeServiceObject } from '../../src/status/observed.ts';
import { down, up } from '../cluster/cluster.ts';
import { provideImages } from '../demo/images.ts';
import { median } from '../demo/predictions.ts';
import { type Expected, irisImage, irisImageName } from '../images/iris.ts';
import { operatorImage } from '../images/operator.ts';
import { predict } from '../support/inference.ts';
import { installOperator } from '../support/install.ts';
import { manifest } from '../support/models.ts';
import { waitFor } from '../support/wait.ts';

// How long a request to a sleeping model takes, beside a bare Knative Service of the same image on the same node. The
// two take turns: first the one, then the other.
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' } } });
const rounds = Number(values.rounds);
const name = 'bench';
const user = { fieldManager: 'bench' };
const namespace = 'default';
const warmRequests = 20;

const cluster = await up({ name, fresh: true, log: console.log });
try {
  const image = await irisImage({ log: console.log });
  await provideImages(cluster, [image, await operatorImage({ log: console.log })], console.log);
  await installOperator(cluster);
  const client = new RestClient(await connect({ kubeconfig: cluster.kubeconfig, env: {} }));
  await client.create(modelResource, manifest(iris, { name: 'model', namespace }) as KubernetesObject, user);
  await client.create(serviceResource, bareService(), user);
  const { rows }: Expected = JSON.parse(await readFile(image.models.sklearn.expected, 'utf8'));
  const ingress = cluster.ingress;
  if (!ingress) throw new Error('the cluster has no ingress');

  const times = {
    bare: { cold: [] as number[], warm: [] as number[] },
    model: { cold: [] as number[], warm: [] as number[] },
  };
  const subjects = ['bare', 'model'] as const;
  const urls = { bare: await urlOf(client, 'bare'), model: await urlOf(client, 'model') };
  for (let round = 0; round < rounds; round += 1)
    for (const subject of round % 2 ? subjects : subjects.toReversed()) {
      await asleep(client, subject);
      const ask = async () => (await predict(ingress, urls[subject], 'iris', rows)).ms;
      times[subject].cold.push(await ask());
      for (let count = 0; count < warmRequests; count += 1) times[subject].warm.push(await ask());
      console.log(`round ${round + 1}, ${subject}: cold ${times[subject].cold.at(-1)?.toFixed(0)} ms`);
    }

  const row = (kind: 'cold' | 'warm') => {
    const [model, bare] = [median(times.model[kind]), median(times.bare[kind])];
    return {
      'InferenceModel (ms)': Math.round(model),
      'bare Knative Service (ms)': Math.round(bare),
      ratio: (model / bare).toFixed(2),
    };
  };
  console.table({
    [`cold, median of ${rounds}`]: row('cold'),
    [`warm, median of ${rounds * warmRequests}`]: row('warm'),
  });
} finally {
  await down({ name, fresh: true });
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

/** Resolves once no pod of a Knative Service is left: one that drains would still answer. */
async function asleep(client: RestClient, service: string): Promise<void> {
  const pods = { group: '', version: 'v1', plural: 'pods', namespaced: true };
  const labelSelector = `serving.knative.dev/service=${service}`;
  for (;;) {
    const { items, resourceVersion } = await client.list(pods, { namespace, labelSelector });
    if (items.length === 0) return;
    for await (const { type } of client.watch(pods, { namespace, labelSelector, resourceVersion }))
      if (type === 'DELETED') break;
  }
}
