import { chmod, copyFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { markerName } from '#base/marker.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import type { RestClient } from '#kube/client/rest.ts';
import { modelResource } from '#operator/resources.ts';
import { irisImageName } from '../images/iris.ts';
import { type Bucket, startBucket } from '../support/bucket.ts';
import { adminClient, cluster } from '../support/cluster.ts';
import { predict } from '../support/inference.ts';
import { type Model, manifest } from '../support/models.ts';
import { namespace } from '../support/namespace.ts';
import { asleep, ingress } from '../support/node.ts';
import { configured } from '../support/settings.ts';
import { waitFor } from '../support/wait.ts';

const user = { fieldManager: 'user' };
const core = (plural: string, namespaced = true) => ({ group: '', version: 'v1', namespaced, plural });
/** The server at hand here: the same as that of the runtime, in the same version. */
const runtime = {
  image: irisImageName,
  command: ['/opt/python/bin/python3', '/opt/packages/bin/mlserver', 'start', '$(MODEL_DIR)'],
};

describe('a model on a claim', () => {
  let client: RestClient;
  let ns: Awaited<ReturnType<typeof namespace>>;
  let bucket: Bucket;
  /** What the claim `models` holds, on this machine. */
  let folder: string;

  beforeAll(async () => {
    client = await adminClient();
    const allowed = await configured(client, 'config-features', {
      'kubernetes.podspec-persistent-volume-claim': 'enabled',
      'kubernetes.podspec-persistent-volume-write': 'enabled',
      'kubernetes.podspec-init-containers': 'enabled',
    });
    ns = await namespace(client);
    const storage = await namespace(client, 'privileged');
    bucket = await startBucket(cluster(), storage.name);
    folder = await mkdtemp(join(tmpdir(), 'dormouse-claim-'));
    // The fetcher and the server are other users than the one of this test.
    await chmod(folder, 0o777);
    await claim('models', folder);
    await client.create(
      core('secrets'),
      { metadata: { namespace: ns.name, name: 'bucket' }, stringData: bucket.secret } as KubernetesObject,
      user,
    );
    return async () => {
      await ns[Symbol.asyncDispose]();
      await storage[Symbol.asyncDispose]();
      for (const name of ['models', 'gone'])
        await client.delete(core('persistentvolumes', false), { name: `${ns.name}-${name}` });
      await allowed[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    };
  });

  it('is mounted where it lies, and predicts before sleep and after', async () => {
    await copyFile(inject('models').sklearn.file, join(folder, 'iris-v3.joblib'));
    await apply('mounted', { uri: 'pvc://models/iris-v3.joblib' });
    expect((await ready('mounted'))?.status?.revisions).toMatchObject([{ delivery: 'Mounted' }]);
    await answersRight('mounted');
    await asleep(client, ns.name, 'mounted');
    await answersRight('mounted');
  });

  it('is fetched once into a cache, from which other pods and models have it', async () => {
    await bucket.put('iris/model.joblib', inject('models').sklearn.file);
    const source = {
      uri: 's3://models/iris/model.joblib',
      credentials: { secretRef: { name: 'bucket' } },
      cache: { claimName: 'models' },
    };
    await apply('first', source);
    expect((await ready('first'))?.status?.revisions).toMatchObject([{ delivery: 'Cache' }]);
    await answersRight('first');
    const [cached = '', ...others] = await readdir(join(folder, 'dormouse'));
    expect(others).toEqual([]);
    expect((await readdir(join(folder, 'dormouse', cached))).sort()).toEqual([markerName, 'model.joblib']);
    await bucket.write({ 'iris/model.joblib': 'what no later pod may download' });
    await asleep(client, ns.name, 'first');
    await answersRight('first');
    await apply('second', source);
    await ready('second');
    await answersRight('second');
    expect(await readdir(join(folder, 'dormouse'))).toEqual([cached]);
  });

  it.each([
    {
      name: 'that does not exist',
      source: { uri: 'pvc://missing/iris' },
      reason: 'Unschedulable',
      message: /persistentvolumeclaim "missing" not found.*: make it, or correct the name/,
    },
    {
      name: 'that is not bound',
      source: { uri: 'pvc://unbound/iris' },
      reason: 'Unschedulable',
      message: /unbound immediate PersistentVolumeClaims.*: kubectl describe pvc -n \S+ says why/,
    },
    {
      name: 'whose volume cannot be mounted',
      source: { uri: 'pvc://gone/iris' },
      reason: 'PodNotPrepared',
      message: /has not brought up the volumes.*: kubectl describe pod -n \S+ \S+ says why/,
    },
  ])('$name is told with what to do', async ({ name, source, reason, message }) => {
    await claim('unbound');
    await claim('gone', join(folder, 'gone'));
    const model = `m${name.length}`;
    await apply(model, source);
    const found = await waitFor<Model>(client, modelResource, { namespace: ns.name, name: model }, (found) =>
      message.test(conditionOf(found)?.message ?? ''),
    );
    expect(conditionOf(found)).toMatchObject({ status: 'False', reason });
  });

  const conditionOf = (model: Model | undefined) =>
    model?.status?.conditions?.find(({ type }) => type === 'Ready');
  const ready = (name: string) =>
    waitFor<Model>(
      client,
      modelResource,
      { namespace: ns.name, name },
      (found) => conditionOf(found)?.status === 'True',
    );

  async function apply(name: string, source: object): Promise<void> {
    const spec = {
      model: { format: 'sklearn', ...source },
      runtime,
      resources: { requests: { cpu: '100m', memory: '256Mi' } },
      access: { visibility: 'Public' },
    };
    await client.apply(modelResource, manifest(spec, { namespace: ns.name, name }) as KubernetesObject, user);
  }

  async function answersRight(name: string): Promise<void> {
    const { url = '' } = (await ready(name))?.status ?? {};
    const { rows, predictions } = JSON.parse(await readFile(inject('models').sklearn.expected, 'utf8'));
    expect((await predict(ingress(), url, name, rows, 'FP64')).predictions).toEqual(predictions);
  }

  /** A claim of this name, on a folder of this machine, or of no volume that there is. */
  async function claim(name: string, path?: string): Promise<void> {
    const storageClassName = `${ns.name}-${name}`;
    const size = { storage: '1Gi' };
    const volume = {
      metadata: { name: storageClassName },
      spec: {
        capacity: size,
        accessModes: ['ReadWriteMany'],
        storageClassName,
        hostPath: { path, type: 'Directory' },
      },
    };
    if (path)
      await client.apply(
        core('persistentvolumes', false),
        { apiVersion: 'v1', kind: 'PersistentVolume', ...volume } as KubernetesObject,
        user,
      );
    const wanted = {
      metadata: { namespace: ns.name, name },
      spec: { accessModes: ['ReadWriteMany'], storageClassName, resources: { requests: size } },
    };
    await client.apply(
      core('persistentvolumeclaims'),
      { apiVersion: 'v1', kind: 'PersistentVolumeClaim', ...wanted } as KubernetesObject,
      user,
    );
  }
});
