import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import type { InferenceModelSpecInput } from '#api/v1alpha1/spec.ts';
import type { InferenceModelStatus } from '#api/v1alpha1/status.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import type { RestClient } from '#kube/client/rest.ts';
import { modelResource } from '#operator/resources.ts';
import { tritonClient } from '../clients/triton.ts';
import { type Expected, type IrisModels, irisImageName } from '../images/iris.ts';
import { tritonImageName } from '../images/triton.ts';
import { type Bucket, startBucket } from '../support/bucket.ts';
import { adminClient, cluster } from '../support/cluster.ts';
import { predict } from '../support/inference.ts';
import { type Model, manifest } from '../support/models.ts';
import { namespace } from '../support/namespace.ts';
import { asleep, ingress } from '../support/node.ts';
import { configured } from '../support/settings.ts';
import { testedRuntimes } from '../support/tested.ts';
import { waitFor } from '../support/wait.ts';

const user = { fieldManager: 'user' };
const core = { group: '', version: 'v1', namespaced: true };

/** What stands in the bucket, under a name that no server looks for, and how its server is asked. */
interface Case {
  readonly format: keyof IrisModels;
  readonly runtime: string;
  readonly file: string;
  readonly datatype: 'FP32' | 'FP64';
}
const cases: readonly Case[] = [
  { format: 'sklearn', runtime: 'mlserver-sklearn', file: 'iris-v3.joblib', datatype: 'FP64' },
  { format: 'xgboost', runtime: 'mlserver-xgboost', file: 'iris-v3.json', datatype: 'FP64' },
  { format: 'lightgbm', runtime: 'mlserver-lightgbm', file: 'iris-v3.txt', datatype: 'FP64' },
  { format: 'onnx', runtime: 'triton-onnx', file: 'iris-v3.onnx', datatype: 'FP32' },
];

/** The images that are at hand here: the same servers in the same versions. */
const mlserver = {
  image: irisImageName,
  command: ['/opt/python/bin/python3', '/opt/packages/bin/mlserver', 'start', '$(MODEL_DIR)'],
};
const triton = { image: tritonImageName };

describe('a model from a bucket', () => {
  let client: RestClient;
  let bucket: Bucket;
  let storage: Awaited<ReturnType<typeof namespace>>;
  beforeAll(async () => {
    client = await adminClient();
    storage = await namespace(client, 'privileged');
    bucket = await startBucket(cluster(), storage.name);
    for (const { format, file } of cases)
      await bucket.put(`${format}/${file}`, inject('models')[format].file);
    return () => storage[Symbol.asyncDispose]();
  });

  const specOf = (format: Case['format'], uri: string, more: object = {}): InferenceModelSpecInput => ({
    model: { format, uri, credentials: { secretRef: { name: 'bucket' } } },
    runtime: { ...(format === 'onnx' ? triton : mlserver), ...more },
    resources: { requests: { cpu: '100m', memory: '256Mi' } },
    access: { visibility: 'Public' },
  });

  async function apply(namespace: string, spec: InferenceModelSpecInput): Promise<void> {
    const secret = { metadata: { namespace, name: 'bucket' }, stringData: bucket.secret };
    await client.create({ ...core, plural: 'secrets' }, secret, user);
    await client.apply<Model>(modelResource, manifest(spec, { namespace }) as KubernetesObject, user);
  }

  async function model(namespace: string, check: (status: InferenceModelStatus) => boolean) {
    const name = { namespace, name: 'iris' };
    const found = await waitFor<Model>(client, modelResource, name, (found) => check(found?.status ?? {}));
    return found?.status ?? {};
  }

  const isReady = ({ conditions = [] }: InferenceModelStatus) =>
    conditions.some(({ type, status }) => type === 'Ready' && status === 'True');

  const expectedOf = async (format: Case['format']): Promise<Expected> =>
    JSON.parse(await readFile(inject('models')[format].expected, 'utf8'));

  async function answersRight({ url = '' }: InferenceModelStatus, { format, datatype }: Case): Promise<void> {
    const { rows, predictions } = await expectedOf(format);
    const answer = await predict(ingress(), url, 'iris', rows, datatype);
    expect(answer.predictions).toHaveLength(predictions.length);
    for (const [index, value] of answer.predictions.entries())
      expect(value).toBeCloseTo(predictions[index] ?? Number.NaN, 6);
  }

  // Most of their time is waiting, each in a namespace of its own.
  it.concurrent.each(cases)(
    'is fetched beside its server on a stock Knative, and $format predicts as its library does, before sleep and after',
    async (each) => {
      await using ns = await namespace(client);
      await apply(ns.name, specOf(each.format, `s3://models/${each.format}/${each.file}`));
      const ready = await model(ns.name, isReady);
      expect(testedRuntimes).toContain(each.runtime);
      expect(ready.revisions).toMatchObject([
        { delivery: 'Sidecar', runtime: expect.stringMatching(`^${each.runtime}@`) },
      ]);
      await answersRight(ready, each);
      await asleep(client, ns.name, 'iris');
      await answersRight(ready, each);
    },
  );

  it.concurrent.each([
    { format: 'sklearn', protocol: 'http' },
    { format: 'sklearn', protocol: 'grpc' },
    { format: 'onnx', protocol: 'http' },
    { format: 'onnx', protocol: 'grpc' },
  ] as const)("of $format satisfies NVIDIA's client library over $protocol, asleep too", async (asked) => {
    const { format, protocol } = asked;
    await using ns = await namespace(client);
    const transport = protocol === 'grpc' ? { transport: 'h2c' } : {};
    await apply(ns.name, specOf(format, `s3://models/${format}/`, transport));
    const { url = '' } = await model(ns.name, isReady);
    const { rows, predictions } = await expectedOf(format);
    const { host, port } = ingress();
    await asleep(client, ns.name, 'iris');
    const question = { protocol, address: `${host}:${port}`, host: new URL(url).host, model: 'iris', rows };
    expect(await tritonClient(question)).toMatchObject({
      live: true,
      ready: true,
      modelReady: true,
      metadata: { name: 'iris' },
      predictions,
    });
  });

  describe('where init containers are allowed', () => {
    beforeAll(async () => {
      const allowed = await configured(client, 'config-features', {
        'kubernetes.podspec-init-containers': 'enabled',
      });
      return () => allowed[Symbol.asyncDispose]();
    });

    it.concurrent.each(cases)('is fetched before its server starts: $format', async (each) => {
      await using ns = await namespace(client);
      await apply(ns.name, specOf(each.format, `s3://models/${each.format}/`));
      const ready = await model(ns.name, isReady);
      expect(ready.revisions).toMatchObject([{ delivery: 'InitContainer' }]);
      await answersRight(ready, each);
    });
  });

  it('that cannot be fetched says why, in the words of the fetcher', async () => {
    await using ns = await namespace(client);
    await apply(ns.name, specOf('sklearn', 's3://models/missing'));
    const { conditions = [] } = await model(ns.name, ({ conditions = [] }) =>
      conditions.some(
        ({ type, message }) => type === 'Ready' && message.startsWith('container fetch exited with code 1'),
      ),
    );
    expect(conditions[0]?.message).toContain('s3://models/missing');
  });
});
