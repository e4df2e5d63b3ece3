import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { InferenceModelSpecInput } from '#api/v1alpha1/spec.ts';
import type { KnativeServiceObject } from '#knative/objects.ts';
import { revisionResource, serviceResource } from '#knative/objects.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import { podResource } from '#kube/client/objects.ts';
import type { RestClient } from '#kube/client/rest.ts';
import { modelResource } from '#operator/resources.ts';
import { echoImage } from '../cluster/cluster.ts';
import { type Expected, irisImageName } from '../images/iris.ts';
import { startBucket } from '../support/bucket.ts';
import { adminClient, cluster } from '../support/cluster.ts';
import { ask, predict } from '../support/inference.ts';
import { type Model, manifest } from '../support/models.ts';
import { namespace } from '../support/namespace.ts';
import { ingress } from '../support/node.ts';
import { upgradeOperator } from '../support/operator-deployment.ts';
import { configured } from '../support/settings.ts';
import { waitFor } from '../support/wait.ts';

const user = { fieldManager: 'user' };
const secrets = { ...podResource, plural: 'secrets' };

interface Pod extends KubernetesObject {
  readonly status?: { readonly containerStatuses?: readonly { readonly restartCount: number }[] };
}

const echo: InferenceModelSpecInput = {
  container: { image: echoImage, readiness: { http: { path: '/' } } },
  scale: { minReplicas: 1 },
  access: { visibility: 'Public' },
};
/** Fetched by the operator's own image, beside a real server. */
const iris: InferenceModelSpecInput = {
  model: { format: 'sklearn', uri: 's3://models/iris', credentials: { secretRef: { name: 'bucket' } } },
  runtime: {
    image: irisImageName,
    command: ['/opt/python/bin/python3', '/opt/packages/bin/mlserver', 'start', '$(MODEL_DIR)'],
  },
  resources: { requests: { cpu: '100m', memory: '256Mi' } },
  scale: { minReplicas: 1 },
  access: { visibility: 'Public' },
};
const specs = { ...Object.fromEntries([1, 2, 3, 4, 5, 6].map((n) => [`echo-${n}`, echo])), iris };
const names = Object.keys(specs);

describe('models that run', () => {
  const stack = new AsyncDisposableStack();
  const urls = new Map<string, string>();
  let client: RestClient;
  let home: string;
  let expected: Expected;

  beforeAll(async () => {
    client = await adminClient();
    home = stack.use(await namespace(client)).name;
    const storage = stack.use(await namespace(client, 'privileged'));
    const bucket = await startBucket(cluster(), storage.name);
    await bucket.put('iris/model.joblib', inject('models').sklearn.file);
    expected = JSON.parse(await readFile(inject('models').sklearn.expected, 'utf8'));
    const secret = { metadata: { namespace: home, name: 'bucket' }, stringData: bucket.secret };
    await client.create(secrets, secret, user);
    for (const [name, spec] of Object.entries(specs)) await apply(name, spec);
    for (const name of names) urls.set(name, (await ready(name)).status?.url ?? '');
  });
  afterAll(() => stack.disposeAsync());

  const apply = (name: string, spec: InferenceModelSpecInput) =>
    client.apply<Model>(modelResource, manifest(spec, { name, namespace: home }) as KubernetesObject, user);

  const ready = async (name: string, but?: string): Promise<Model> =>
    (await waitFor<Model>(client, modelResource, { namespace: home, name }, (found) => {
      const { conditions = [], revisions = [] } = found?.status ?? {};
      const serves = conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
      return serves && revisions[0]?.name !== but;
    })) as Model;

  /** Of each model its revisions, and its pods with how often their containers were started anew. */
  async function picture(): Promise<Readonly<Record<string, readonly string[]>>> {
    const revisions = await client.list<KubernetesObject>(revisionResource, { namespace: home });
    const found = await client.list<Pod>(podResource, { namespace: home });
    const living = found.items.filter(({ metadata }) => !metadata.deletionTimestamp);
    const restarts = ({ status }: Pod) => (status?.containerStatuses ?? []).map((each) => each.restartCount);
    const told = [
      ...revisions.items.map(({ metadata }) => ({ metadata, text: `revision ${metadata.uid}` })),
      ...living.map((pod) => ({
        metadata: pod.metadata,
        text: `pod ${pod.metadata.uid}, restarts ${restarts(pod)}`,
      })),
    ];
    const of = (name: string) =>
      told.filter(({ metadata }) => metadata.labels?.['dormouse.dev/model'] === name).map(({ text }) => text);
    return Object.fromEntries(names.map((name) => [name, of(name).sort()]));
  }

  async function question(name: string): Promise<void> {
    const url = urls.get(name) ?? '';
    if (name === 'iris') {
      const answer = await predict(ingress(), url, name, expected.rows);
      expect(answer.predictions).toEqual(expected.predictions);
    } else expect((await ask(ingress(), url, '/')).status).toBe(200);
  }

  /** Asks all models in turn while `work` goes on; fails with the first answer that is none. */
  async function asked(work: () => Promise<void>): Promise<void> {
    let answers = 0;
    let done = false;
    const asking = async (): Promise<void> => {
      while (!done) {
        for (const name of names) await question(name);
        answers += names.length;
      }
    };
    await Promise.all([asking(), work().finally(() => (done = true))]);
    expect(answers).toBeGreaterThan(0);
  }

  let probes = 0;
  /**
   * Makes new models until one is as the change makes it, and then one more: the operator knows the change by then, and
   * has looked at all models before this one.
   */
  async function known(spec: InferenceModelSpecInput, sign: string): Promise<void> {
    for (let last = false; ; ) {
      probes += 1;
      const name = `probe-${probes}`;
      await apply(name, { ...spec, scale: {} });
      const service = await waitFor<KnativeServiceObject>(
        client,
        serviceResource,
        { namespace: home, name },
        (found) => found !== undefined,
      );
      await client.delete(modelResource, { namespace: home, name });
      if (last) return;
      last = JSON.stringify(service?.spec?.template).includes(sign);
    }
  }

  it.each<[string, () => Promise<AsyncDisposable>, InferenceModelSpecInput, string]>([
    [
      'the operator is rolled out with another fetcher',
      () => upgradeOperator('--fetcher-image=dev.local/dormouse:next'),
      iris,
      'dev.local/dormouse:next',
    ],
    [
      'the defaults of the cluster change',
      () => configured(client, 'config-defaults', { 'revision-timeout-seconds': '240' }),
      echo,
      '"timeoutSeconds":240',
    ],
    [
      'init containers are allowed',
      () => configured(client, 'config-features', { 'kubernetes.podspec-init-containers': 'enabled' }),
      iris,
      '"initContainers"',
    ],
  ])('go on in their pods and answer while %s', async (_, change, spec, sign) => {
    const before = await picture();
    expect(before['echo-1']).toHaveLength(2);
    await asked(async () => {
      stack.use(await change());
      await known(spec, sign);
    });
    expect(await picture()).toEqual(before);
  });

  it('take all that over when one of them is told to, and it alone', async () => {
    const { 'echo-1': old, ...others } = await picture();
    const { status } = await client.get<Model>(modelResource, { namespace: home, name: 'echo-1' });
    await asked(async () => {
      const patch = { metadata: { annotations: { 'dormouse.dev/refresh': '1' } } };
      await client.patch(modelResource, { namespace: home, name: 'echo-1' }, patch, user);
      await ready('echo-1', status?.revisions?.[0]?.name);
    });
    const after = await picture();
    expect(after).toMatchObject(others);
    expect(after['echo-1']?.filter((each) => each.startsWith('revision'))).toHaveLength(2);
    expect(after['echo-1']).not.toEqual(old);
  });
});
