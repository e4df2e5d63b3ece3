import { beforeAll, describe, expect, inject, test } from 'vitest';
import { conditionOf, type PodObject } from '#knative/objects.ts';
import type { Condition, KubernetesObject } from '#kube/client/objects.ts';
import { podResource } from '#kube/client/objects.ts';
import type { RestClient } from '#kube/client/rest.ts';
import { modelResource } from '#operator/resources.ts';
import { irisImageName } from '../images/iris.ts';
import { brokenModels } from '../support/broken-models.ts';
import { startBucket } from '../support/bucket.ts';
import { adminClient, cluster } from '../support/cluster.ts';
import { type Model, manifest } from '../support/models.ts';
import { namespace } from '../support/namespace.ts';

/** A mistake of a user, and what the model's Ready condition must say of it. */
interface Mistake {
  readonly name: string;
  readonly given: object;
  readonly wantReason: string;
  readonly wantMessage: RegExp;
  /** Made in a namespace with a quota. */
  readonly hasQuota?: true;
  /** Its pods start MLServer, which takes a processor for seconds each time. */
  readonly isHeavy?: true;
}

const python = '/opt/python/bin/python3';
const mlserver = {
  image: irisImageName,
  command: [python, '/opt/packages/bin/mlserver', 'start', '$(MODEL_DIR)'],
};
// A pod that is deleted drains for as long as a request may take.
const timeouts = { request: '5s' };
const requests = { cpu: '20m', memory: '128Mi' };

/** A model of the bucket. */
const model = (uri: string, more: object = {}, spec: object = {}) => ({
  model: { format: 'sklearn', uri, credentials: { secretRef: { name: 'bucket' } }, ...more },
  runtime: mlserver,
  resources: { requests },
  timeouts,
  ...spec,
});
const withSecret = (name: string) => model('s3://models/iris/', { credentials: { secretRef: { name } } });
/** A server of the user's own, with a model in its image. */
const server = (container: object, resources: object = { requests }) => ({
  container: { image: irisImageName, protocol: 'v2', ...container },
  resources,
  timeouts,
});

const formats = /no runtime serves .*those here serve .*sklearn/;
const mistakes: readonly Mistake[] = [
  {
    name: 'wrong bucket',
    given: model('s3://modelz/iris/'),
    wantReason: 'ContainerExited',
    wantMessage: /s3:\/\/modelz\/iris\/: .*check the URI/,
  },
  {
    name: 'wrong prefix',
    given: model('s3://models/iris/v4/'),
    wantReason: 'ContainerExited',
    wantMessage: /no such object, and none below s3:\/\/models\/iris\/v4\/: check the URI/,
  },
  {
    name: 'wrong file',
    given: model('s3://models/iris/nothing.joblib'),
    wantReason: 'ContainerExited',
    wantMessage: /no such object.*nothing\.joblib.*: check the URI/,
  },
  {
    name: 'wrong format',
    given: model('s3://models/iris/model.joblib', { format: 'xgboost' }),
    wantReason: 'ContainerExited',
    wantMessage: /XGBoostError: .*wrong model format/,
    isHeavy: true,
  },
  {
    name: 'misspelt format',
    given: model('s3://models/iris/', { format: 'sklern' }),
    wantReason: 'NotAllowedByCluster',
    wantMessage: formats,
  },
  {
    name: 'a file of 0 bytes',
    given: model('s3://models/broken/empty.joblib'),
    wantReason: 'ContainerExited',
    wantMessage: /0 bytes: check the URI, or upload the model anew/,
  },
  {
    name: 'wrong secret key',
    given: withSecret('wrong-key'),
    wantReason: 'ContainerExited',
    wantMessage: /access is denied \(403.*check /,
  },
  {
    name: 'the Secret is missing',
    given: withSecret('nosuch'),
    wantReason: 'CreateContainerConfigError',
    wantMessage: /secret "nosuch" not found/,
  },
  {
    name: 'the endpoint is forgotten',
    given: withSecret('no-endpoint'),
    wantReason: 'ContainerExited',
    wantMessage: /models\.s3\.us-east-1\.amazonaws\.com.*spec\.model\.endpoint/,
  },
  {
    name: 'the host of the endpoint is wrong',
    given: withSecret('wrong-host'),
    wantReason: 'ContainerExited',
    wantMessage: /minio\.nowhere\.svc.*AWS_ENDPOINT_URL/,
  },
  {
    name: 'the port of the endpoint is wrong',
    given: withSecret('wrong-port'),
    wantReason: 'ContainerExited',
    wantMessage: /:9000.*AWS_ENDPOINT_URL/,
  },
  {
    name: 'no credentials',
    given: withSecret('no-credentials'),
    wantReason: 'ContainerExited',
    wantMessage: /no usable AWS credentials.*AWS_ACCESS_KEY_ID/,
  },
  {
    name: 'a Secret with other names of keys',
    given: withSecret('other-names'),
    wantReason: 'ContainerExited',
    wantMessage: /no usable AWS credentials.*AWS_ACCESS_KEY_ID/,
  },
  {
    name: 'a pickle of an older library',
    given: model('s3://models/broken/old-library.joblib'),
    wantReason: 'ContainerExited',
    wantMessage: /ModuleNotFoundError: No module named 'sklearn\.linear_model\.logistic'/,
    isHeavy: true,
  },
  {
    name: 'a class that is not in the image',
    given: model('s3://models/broken/lost-class.joblib'),
    wantReason: 'ContainerExited',
    wantMessage: /AttributeError: .*AddRatio/,
    isHeavy: true,
  },
  {
    name: 'a pickle that raises',
    given: model('s3://models/broken/raises.joblib'),
    wantReason: 'ContainerExited',
    wantMessage: /ZeroDivisionError: division by zero/,
    isHeavy: true,
  },
  {
    name: 'an archive with the file in a folder',
    given: model('s3://models/broken/folder.tar.gz'),
    wantReason: 'ContainerExited',
    wantMessage: /IsADirectoryError: .*\/mnt\/models/,
    isHeavy: true,
  },
  {
    name: 'two files below a prefix',
    given: model('s3://models/broken/two/'),
    wantReason: 'ContainerExited',
    wantMessage: /IsADirectoryError: .*\/mnt\/models/,
    isHeavy: true,
  },
  {
    name: 'wrong digest',
    given: model('s3://models/iris/model.joblib', { digest: `sha256:${'a'.repeat(64)}` }),
    wantReason: 'ContainerExited',
    wantMessage: /not the declared sha256:aaaa.*: correct .*digest, or the file/,
  },
  {
    name: 'a size that is too small',
    given: model('s3://models/iris/model.joblib', { maxSize: '100' }),
    wantReason: 'ContainerExited',
    wantMessage: /more than the declared 100 bytes.*: correct .*[sS]ize, or the model/,
  },
  ...['http://models/iris'].map(
    (uri): Mistake => ({
      name: `a scheme that is not fetched, ${uri}`,
      given: model(uri),
      wantReason: 'NotAllowedByCluster',
      wantMessage: /cannot be read.*: use s3:\/\/, gs:\/\/, https:\/\//,
    }),
  ),
  {
    name: 'a claim, where Knative lets none through',
    given: model('pvc://models/iris', { credentials: undefined }),
    wantReason: 'NotAllowedByCluster',
    wantMessage: /allows no PersistentVolumeClaims: kubectl patch configmap config-features/,
  },
  ...['scikit-learn', 'pickle'].map(
    (format): Mistake => ({
      name: `the name of a library or a file as format, ${format}`,
      given: model('s3://models/iris/', { format }),
      wantReason: 'NotAllowedByCluster',
      wantMessage: formats,
    }),
  ),
  {
    name: 'a timeout above that of the cluster',
    given: model('s3://models/iris/', {}, { timeouts: { request: '3600s' } }),
    wantReason: 'NotAllowedByCluster',
    wantMessage: /at most 600s: .*max-revision-timeout-seconds/,
  },
  {
    name: 'a GPU for scikit-learn',
    given: model(
      's3://models/iris/',
      {},
      { runtime: undefined, resources: { limits: { 'nvidia.com/gpu': '1' } } },
    ),
    wantReason: 'NotAllowedByCluster',
    wantMessage: /no runtime serves sklearn on nvidia\.com\/gpu/,
  },
  {
    name: 'an unknown runtime',
    given: model('s3://models/iris/', {}, { runtime: { name: 'mlserver' } }),
    wantReason: 'NotAllowedByCluster',
    wantMessage: /no InferenceRuntime mlserver; would do: mlserver-sklearn/,
  },
  {
    name: 'an unknown version of a runtime',
    given: model('s3://models/iris/', {}, { runtime: { name: 'mlserver-sklearn', version: '9.9.9' } }),
    wantReason: 'NotAllowedByCluster',
    wantMessage: /mlserver-sklearn is here in version 1\.7\.1 only; would do/,
  },
  {
    name: 'a runtime of another format',
    given: model('s3://models/iris/', {}, { runtime: { name: 'triton-onnx' } }),
    wantReason: 'NotAllowedByCluster',
    wantMessage: /triton-onnx/,
  },
  {
    name: 'an image that does not exist',
    given: server({ image: 'dev.local/nosuch:1' }),
    wantReason: 'ImagePullFailed',
    wantMessage: /image of container server cannot be pulled: .*dev\.local/,
  },
  {
    name: 'a registry that does not exist',
    given: server({ image: 'registry.example/churn:1.4' }),
    wantReason: 'ContainerMissing',
    wantMessage: /registry\.example\/churn:1\.4/,
  },
  {
    name: 'wrong port',
    given: server({ port: 9999 }),
    wantReason: 'ServerNotReady',
    wantMessage: /does not answer GET \/v2\/\S+ on port 9999: correct spec\.container\.port/,
    isHeavy: true,
  },
  {
    name: 'wrong ready path',
    given: server({ readiness: { http: { path: '/healthz' } } }),
    wantReason: 'ServerNotReady',
    wantMessage: /does not answer GET \/healthz on port 8080: .*spec\.container\.readiness/,
    isHeavy: true,
  },
  {
    name: 'a command that is not in the image',
    given: server({ command: ['python3'] }),
    wantReason: 'ContainerCannotStart',
    wantMessage: /^container server cannot start: exec: "python3": executable file not found/,
  },
  {
    name: 'a module that is not in the image',
    given: server({ command: [python, '-c', 'import pandaz'] }),
    wantReason: 'ContainerExited',
    wantMessage: /code 1: ModuleNotFoundError: No module named 'pandaz'/,
  },
  {
    name: 'too little memory to start',
    given: server(
      { command: [python, '-c', 'bytearray(512 << 20)'] },
      { requests: { cpu: '20m' }, limits: { memory: '64Mi' } },
    ),
    wantReason: 'OOMKilled',
    wantMessage: /container server was killed: .*spec\.resources\.limits\.memory \(64Mi\)/,
  },
  {
    name: 'more processors than any node has',
    given: server({}, { requests: { cpu: '64' } }),
    wantReason: 'Unschedulable',
    wantMessage: /no node takes the pod: .*Insufficient cpu/,
  },
  {
    name: 'a GPU, and no node has one',
    given: server({}, { requests, limits: { 'nvidia.com/gpu': '1' } }),
    wantReason: 'Unschedulable',
    wantMessage: /no node takes the pod: .*Insufficient nvidia\.com\/gpu/,
  },
  {
    name: 'memory in bytes, without a unit',
    given: server({}, { limits: { memory: '512' } }),
    wantReason: 'Invalid',
    wantMessage: /spec\.resources\.limits.*must be 1Mi or more: .*write 512Mi/,
  },
  {
    name: 'variables of a Secret that is missing',
    given: server({ envFrom: [{ secretRef: { name: 'nosuch' } }] }),
    wantReason: 'CreateContainerConfigError',
    wantMessage: /container server: secret "nosuch" not found/,
  },
  {
    name: 'a quota that wants limits',
    given: server({}),
    wantReason: 'FailedCreate',
    wantMessage: /failed quota: .*must specify limits\.memory/,
    hasQuota: true,
  },
  {
    name: 'an image of a registry that is not reached',
    given: model('s3://models/iris/', {}, { runtime: undefined }),
    wantReason: 'ContainerMissing',
    wantMessage: /docker\.io\/seldonio\/mlserver/,
  },
];

/** What is seen of one mistake. */
interface Sighting {
  /** The first Ready condition that is as wanted. */
  readonly told?: Condition | undefined;
  /** Seconds from when the kubelet, or where no pod is made the API server, had the cause until the status said it. */
  readonly seconds?: number;
  /** The Ready conditions after that. */
  readonly after: readonly Condition[];
  /** The last that was seen, where it was not as wanted. */
  readonly last?: Condition | undefined;
}

const tellMs = 120_000;
const holdMs = 30_000;
/** Models at once: two processors start no more of them in time. */
const width = { heavy: 2, light: 6 };

describe('each mistake of the table is told by its cause, in 20 s, and is told for as long as it lasts', () => {
  let client: RestClient;
  const sightings = new Map<string, Promise<Sighting>>();

  beforeAll(async () => {
    client = await adminClient();
    const storage = await namespace(client, 'privileged');
    const ns = await namespace(client);
    const limited = await namespace(client);
    const bucket = await startBucket(cluster(), storage.name);
    await bucket.put('iris/model.joblib', inject('models').sklearn.file);
    await bucket.write(await brokenModels());
    await makeSecrets(ns.name, bucket.secret);
    await make('resourcequotas', limited.name, {
      metadata: { name: 'q' },
      spec: { hard: { 'limits.memory': '8Gi' } },
    });
    const heavy = semaphore(width.heavy);
    const light = semaphore(width.light);
    mistakes.forEach((mistake, index) => {
      const name = { namespace: mistake.hasQuota ? limited.name : ns.name, name: `m${index + 1}` };
      const look = () => see(name, mistake);
      // What is refused has no pod.
      const isRefused = mistake.wantReason === 'NotAllowedByCluster';
      sightings.set(mistake.name, isRefused ? look() : (mistake.isHeavy ? heavy : light)(look));
    });
    return async () => {
      for (const each of [storage, ns, limited]) await each[Symbol.asyncDispose]();
    };
  });

  test.concurrent.each(mistakes)('$name', async ({ name, wantReason, wantMessage }) => {
    const { told, seconds, after, last } = (await sightings.get(name)) ?? { after: [] };
    expect(told ?? last).toMatchObject({
      status: 'False',
      reason: wantReason,
      message: expect.stringMatching(wantMessage),
    });
    expect(seconds).toBeLessThanOrEqual(20);
    const others = after.filter(({ reason, message }) => reason !== wantReason || !wantMessage.test(message));
    expect(others).toEqual([]);
  });

  const make = (plural: string, namespace: string, object: KubernetesObject & { spec?: object }) =>
    client.create(
      { group: '', version: 'v1', namespaced: true, plural },
      { ...object, metadata: { ...object.metadata, namespace } },
      { fieldManager: 'user' },
    );

  async function makeSecrets(namespace: string, secret: Readonly<Record<string, string>>): Promise<void> {
    const {
      AWS_ENDPOINT_URL: endpoint = '',
      AWS_ACCESS_KEY_ID: id = '',
      AWS_SECRET_ACCESS_KEY: key = '',
    } = secret;
    const secrets: Readonly<Record<string, Readonly<Record<string, string>>>> = {
      bucket: secret,
      'wrong-key': { ...secret, AWS_SECRET_ACCESS_KEY: 'wrong' },
      'no-endpoint': { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: key },
      'wrong-host': { ...secret, AWS_ENDPOINT_URL: 'http://minio.nowhere.svc:9000' },
      'wrong-port': { ...secret, AWS_ENDPOINT_URL: endpoint.replace(/\d+$/, '9000') },
      'no-credentials': { AWS_ENDPOINT_URL: endpoint },
      'other-names': { AWS_ENDPOINT_URL: endpoint, accesskey: id, secretkey: key },
    };
    for (const [name, stringData] of Object.entries(secrets))
      await make('secrets', namespace, { metadata: { name }, stringData } as KubernetesObject);
  }

  /** Makes a mistake, and looks on until its cause is told, and for a while longer. */
  async function see(
    name: { readonly namespace: string; readonly name: string },
    { given, wantReason, wantMessage }: Mistake,
  ): Promise<Sighting> {
    const appliedAt = Date.now();
    try {
      await client.apply(modelResource, manifest(given, name) as KubernetesObject, { fieldManager: 'user' });
    } catch (error) {
      const { message } = error as Error;
      // The API server has refused it: the user reads that in the answer.
      const told = { type: 'Ready', status: 'False', reason: 'Invalid', message } as Condition;
      return { told, seconds: 0, after: [] };
    }
    let last: Condition | undefined;
    const matches = ({ reason, message }: Condition) => reason === wantReason && wantMessage.test(message);
    await readies(name, tellMs, (ready) => {
      last = ready;
      return matches(ready);
    });
    if (!last || !matches(last)) {
      await client.delete(modelResource, name);
      return { last, after: [] };
    }
    const told = last;
    const seconds = (Date.now() - Math.max(appliedAt, await knownAt(name))) / 1000;
    const after: Condition[] = [];
    await readies(name, holdMs, (ready) => {
      after.push(ready);
      return false;
    });
    await client.delete(modelResource, name);
    return { told, seconds, after };
  }

  /** Gives each Ready condition of a model to `visit`, until that says enough or the time is over. */
  async function readies(
    { namespace, name }: { readonly namespace: string; readonly name: string },
    ms: number,
    visit: (ready: Condition) => boolean,
  ): Promise<void> {
    const signal = AbortSignal.timeout(ms);
    const selection = { namespace, fieldSelector: `metadata.name=${name}` };
    const isEnough = (found: Model | undefined) => {
      const ready = conditionOf<Condition>(found, 'Ready');
      return ready !== undefined && visit(ready);
    };
    try {
      for (;;) {
        const page = await client.list<Model>(modelResource, { ...selection, signal });
        if (isEnough(page.items[0])) return;
        const { resourceVersion } = page;
        for await (const { type, object } of client.watch<Model>(modelResource, {
          ...selection,
          resourceVersion,
          signal,
        }))
          if (type !== 'BOOKMARK' && isEnough(object)) return;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /**
   * When the kubelet could tell, in milliseconds since the epoch: a container of the pod had ended, or else had started. Of
   * several ends it is the last one: the kubelet keeps 2 KB of a log, and the cause may be above them.
   */
  async function knownAt({
    namespace,
    name,
  }: {
    readonly namespace: string;
    readonly name: string;
  }): Promise<number> {
    const labelSelector = `serving.knative.dev/service=${name}`;
    const { items } = await client.list<PodObject>(podResource, { namespace, labelSelector });
    const states = items.flatMap(({ status }) =>
      [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]
        .filter((container) => container.name !== 'queue-proxy')
        .flatMap(({ state, lastState }) => [state, lastState] as readonly (State | undefined)[]),
    );
    const ends = states.flatMap((state) => state?.terminated?.finishedAt ?? []);
    const starts = states.flatMap((state) => state?.running?.startedAt ?? []);
    return Math.max(
      ...(ends.length > 0 ? ends : starts.length > 0 ? starts : ['1970-01-01']).map(Date.parse),
    );
  }
});

interface State {
  readonly running?: { readonly startedAt?: string };
  readonly terminated?: { readonly finishedAt?: string };
}

/** Runs so many at once, the others in their turn. */
function semaphore(size: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let free = size;
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
}
