import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import type { InferenceModelSpec } from '../../src/api/spec.ts';
import type { InferenceModelStatus } from '../../src/api/status.ts';
import type { KubernetesObject } from '../../src/kube/objects.ts';
import type { RestClient } from '../../src/kube/rest.ts';
import { modelResource } from '../../src/reconcilers/resources.ts';
import { type Expected, irisImageName } from '../images/iris.ts';
import { type Bucket, startBucket } from '../support/bucket.ts';
import { adminClient, cluster } from '../support/cluster.ts';
import { predict } from '../support/inference.ts';
import { type Model, manifest } from '../support/models.ts';
import { namespace } from '../support/namespace.ts';
import { asleep, ingress } from '../support/node.ts';
import { testedRuntimes } from '../support/tested.ts';
import { waitFor } from '../support/wait.ts';

const user = { fieldManager: 'user' };
const core = { group: '', version: 'v1', namespaced: true };

describe('a model from a bucket', () => {
  let client: RestClient;
  let expected: Expected;
  beforeAll(async () => {
    client = await adminClient();
    expected = JSON.parse(await readFile(inject('expected'), 'utf8'));
  });

  /** The runtime of the catalogue, in the image that is at hand here: the same server in the same version. */
  const sklearn = (uri: string, more: object = {}): InferenceModelSpec => ({
    model: { format: 'sklearn', uri, credentials: { secretRef: { name: 'bucket' } }, ...more },
    runtime: {
      image: irisImageName,
      command: ['/opt/python/bin/python3', '/opt/packages/bin/mlserver', 'start', '$(MODEL_DIR)'],
    },
    resources: { requests: { cpu: '100m', memory: '256Mi' } },
    access: { visibility: 'public' },
  });

  async function bucketWithIris(namespace: string): Promise<Bucket> {
    const bucket = await startBucket(cluster(), namespace);
    await bucket.put('iris/model.joblib', inject('model'));
    const secret = { metadata: { namespace, name: 'bucket' }, stringData: bucket.secret };
    await client.create({ ...core, plural: 'secrets' }, secret, user);
    return bucket;
  }

  const apply = (namespace: string, spec: InferenceModelSpec) =>
    client.apply<Model>(modelResource, manifest(spec, { namespace }) as KubernetesObject, user);

  const model = (namespace: string, check: (status: InferenceModelStatus) => boolean) =>
    waitFor<Model>(client, modelResource, { namespace, name: 'iris' }, (found) => check(found?.status ?? {}));

  const isReady = ({ conditions = [] }: InferenceModelStatus) =>
    conditions.some(({ type, status }) => type === 'Ready' && status === 'True');

  it('is fetched beside its server on a stock Knative, predicts as scikit-learn does, sleeps and wakes', async () => {
    await using ns = await namespace(client);
    await bucketWithIris(ns.name);
    await apply(ns.name, sklearn('s3://models/iris'));
    const ready = await model(ns.name, isReady);
    expect(ready?.status?.revisions).toMatchObject([{ delivery: 'sidecar' }]);
    expect(testedRuntimes).toContain(ready?.status?.revisions?.[0]?.runtime?.split('@')[0]);
    const { url = '' } = ready?.status ?? {};
    expect((await predict(ingress(), url, 'iris', expected.rows)).predictions).toEqual(expected.predictions);
    await asleep(client, ns.name, 'iris');
    expect((await predict(ingress(), url, 'iris', expected.rows)).predictions).toEqual(expected.predictions);
  });

  it('is fetched before its server starts, where init containers are allowed', async () => {
    await using ns = await namespace(client);
    await bucketWithIris(ns.name);
    const allow = (value: string | null) =>
      client.patch(
        { ...core, plural: 'configmaps' },
        { namespace: 'knative-serving', name: 'config-features' },
        { data: { 'kubernetes.podspec-init-containers': value } },
        user,
      );
    try {
      await allow('enabled');
      await apply(ns.name, sklearn('s3://models/iris'));
      const ready = await model(ns.name, isReady);
      expect(ready?.status?.revisions).toMatchObject([{ delivery: 'init-container' }]);
      const { url = '' } = ready?.status ?? {};
      expect((await predict(ingress(), url, 'iris', expected.rows)).predictions).toEqual(
        expected.predictions,
      );
    } finally {
      await allow(null);
    }
  });

  it('that cannot be fetched says why, in the words of the fetcher', async () => {
    await using ns = await namespace(client);
    await bucketWithIris(ns.name);
    await apply(ns.name, sklearn('s3://models/missing'));
    const failing = await model(ns.name, ({ conditions = [] }) =>
      conditions.some(
        ({ type, message }) => type === 'Ready' && message.startsWith('container fetch exited with code 1'),
      ),
    );
    const [condition] = failing?.status?.conditions ?? [];
    expect(condition?.message).toContain('s3://models/missing');
  });
});
