import { basename } from 'node:path';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import type { InferenceModelSpecInput } from '#api/v1alpha1/spec.ts';
import type { InferenceModelStatus } from '#api/v1alpha1/status.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import type { RestClient } from '#kube/client/rest.ts';
import { modelResource } from '#operator/resources.ts';
import { type IrisModels, irisImageName } from '../images/iris.ts';
import { tritonImageName } from '../images/triton.ts';
import { brokenModels } from '../support/broken-models.ts';
import { type Bucket, startBucket } from '../support/bucket.ts';
import { adminClient, cluster } from '../support/cluster.ts';
import { ask, v2Request } from '../support/inference.ts';
import { type Model, manifest } from '../support/models.ts';
import { namespace } from '../support/namespace.ts';
import { ingress } from '../support/node.ts';
import { waitFor } from '../support/wait.ts';

/**
 * Rounds for each runtime: `npm run test:rollouts` has enough of them to catch a server that says for 100 ms that it is
 * ready, when it has failed to load its only model (MLServer 1.7.1, `mlserver/handlers/dataplane.py`).
 */
const rounds = Number(process.env.ROLLOUTS ?? 1);
const user = { fieldManager: 'user' };
const core = { group: '', version: 'v1', namespaced: true };
type Format = keyof IrisModels;

const mlserver = {
  image: irisImageName,
  command: ['/opt/python/bin/python3', '/opt/packages/bin/mlserver', 'start', '$(MODEL_DIR)'],
};
const servers: Readonly<Record<Format, object>> = {
  sklearn: mlserver,
  xgboost: mlserver,
  lightgbm: mlserver,
  onnx: { image: tritonImageName },
};
const formats = Object.keys(servers) as Format[];

/** Where a model of each library is, and what stands in the place of one. */
const suffixes: Readonly<Record<Format, string>> = {
  sklearn: 'joblib',
  xgboost: 'json',
  lightgbm: 'bst',
  onnx: 'onnx',
};
const brokenUris = (format: Format): readonly string[] => [
  `s3://models/broken/garbage.${suffixes[format]}`,
  's3://models/broken/folder.tar.gz',
  's3://models/broken/two/',
  's3://models/broken/lost-class.joblib',
  's3://models/broken/empty.joblib',
];

describe('a broken model is rolled over a good one under load', () => {
  let client: RestClient;
  let bucket: Bucket;

  beforeAll(async () => {
    client = await adminClient();
    const storage = await namespace(client, 'privileged');
    bucket = await startBucket(cluster(), storage.name);
    for (const format of formats) {
      const { file } = inject('models')[format];
      await bucket.put(`${format}/${basename(file)}`, file);
    }
    await bucket.write(await brokenModels());
    return () => storage[Symbol.asyncDispose]();
  });

  const specOf = (format: Format, uri: string, transport: 'http1' | 'h2c'): InferenceModelSpecInput => ({
    model: { format, uri, credentials: { secretRef: { name: 'bucket' } } },
    runtime: { ...servers[format], ...(transport === 'h2c' && { transport }) },
    resources: { requests: { cpu: '10m', memory: '64Mi' } },
    access: { visibility: 'Public' },
    scale: { minReplicas: 1 },
    // Knative lets a revision that fails go after that; until then it takes a processor.
    timeouts: { progress: '90s', request: '10s' },
  });

  const ready = ({ conditions = [] }: InferenceModelStatus) =>
    conditions.find(({ type }) => type === 'Ready');

  test.concurrent.each(formats)('%s: no request fails, and Ready is never True', async (format) => {
    await using ns = await namespace(client);
    const name = { namespace: ns.name, name: 'iris' };
    const apply = (uri: string, transport: 'http1' | 'h2c' = 'http1') =>
      client.apply<Model>(
        modelResource,
        manifest(specOf(format, uri, transport), name) as KubernetesObject,
        user,
      );
    const until = (check: (status: InferenceModelStatus, generation: number) => boolean) =>
      waitFor<Model>(client, modelResource, name, (found) =>
        check(found?.status ?? {}, found?.metadata.generation ?? 0),
      );
    const isCurrent = (status: InferenceModelStatus, generation: number) =>
      status.observedGeneration === generation;
    const good = `s3://models/${format}/`;

    const secret = { metadata: { namespace: ns.name, name: 'bucket' }, stringData: bucket.secret };
    await client.create({ ...core, plural: 'secrets' }, secret, user);
    await apply(good);
    const serving = await until((status) => ready(status)?.status === 'True');
    await using load = startLoad(serving?.status?.url ?? '', format);

    const verdicts: string[] = [];
    for (let round = 0; round < rounds; round++) {
      const uris = brokenUris(format);
      const uri = uris[(round + formats.indexOf(format)) % uris.length] ?? '';
      // Over gRPC a broken model fails as over HTTP; requests go to the good one, over HTTP.
      await apply(uri, round % 2 === 1 ? 'h2c' : 'http1');
      const failed = await until(
        (status, generation) =>
          isCurrent(status, generation) && (ready(status)?.status === 'True' || hasFailed(status)),
      );
      verdicts.push(`${uri} ${ready(failed?.status ?? {})?.status}`);
      await apply(good);
      await until((status, generation) => isCurrent(status, generation) && ready(status)?.status === 'True');
    }
    expect(verdicts.filter((verdict) => verdict.endsWith('True'))).toEqual([]);
    expect(load.failures).toEqual([]);
    expect(load.answers).toBeGreaterThan(rounds * 10);
  });

  /** Its server was started twice in vain: each start is a chance to be taken for ready. */
  const hasFailed = ({ restarts = 0 }: InferenceModelStatus): boolean => restarts > 0;

  /** Asks a model ten times a second until it is disposed of. */
  function startLoad(url: string, format: Format) {
    const failures: string[] = [];
    const stop = new AbortController();
    let answers = 0;
    const body = v2Request([[5.1, 3.5, 1.4, 0.2]], format === 'onnx' ? 'FP32' : 'FP64');
    const asking = (async () => {
      while (!stop.signal.aborted) {
        const question = () => ask(ingress(), url, '/v2/models/iris/infer', body);
        // The tunnel into the node's network may drop a connection on a busy machine: no server has answered then.
        const answer = await question()
          .catch(question)
          .catch((error: Error) => ({ status: 0, text: error.message }));
        if (answer.status === 200) answers += 1;
        else failures.push(`${answer.status} ${answer.text.slice(0, 200)}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    })();
    return {
      failures,
      get answers() {
        return answers;
      },
      [Symbol.asyncDispose]: async () => {
        stop.abort();
        await asking;
      },
    };
  }
});
