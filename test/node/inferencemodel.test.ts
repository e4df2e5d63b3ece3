import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import type { Container } from '#api/v1alpha1/container.ts';
import type { InferenceModelSpecInput } from '#api/v1alpha1/spec.ts';
import type { InferenceModelStatus } from '#api/v1alpha1/status.ts';
import type { PodObject } from '#knative/objects.ts';
import { revisionResource, serviceResource } from '#knative/objects.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import { podResource } from '#kube/client/objects.ts';
import type { RestClient } from '#kube/client/rest.ts';
import { modelResource } from '#operator/resources.ts';
import { echoImage } from '../cluster/cluster.ts';
import type { Expected } from '../images/iris.ts';
import { operatorWrites } from '../support/audit.ts';
import { adminClient, kubectl } from '../support/cluster.ts';
import { ask, predict } from '../support/inference.ts';
import { manifests } from '../support/install.ts';
import { type Model, manifest } from '../support/models.ts';
import { namespace } from '../support/namespace.ts';
import { asleep, ingress } from '../support/node.ts';
import { waitFor } from '../support/wait.ts';

const user = { fieldManager: 'user' };
const secrets = { ...podResource, plural: 'secrets' };
type Env = NonNullable<Container['env']>;

describe('a model', () => {
  let client: RestClient;
  beforeAll(async () => {
    client = await adminClient();
  });

  const echo = (env: Env = [], scale?: InferenceModelSpecInput['scale']): InferenceModelSpecInput => ({
    container: { image: echoImage, readiness: { http: { path: '/' } }, env },
    scale,
    timeouts: { progress: '15s' },
    access: { visibility: 'Public' },
  });

  const apply = (namespace: string, spec: InferenceModelSpecInput) =>
    client.apply<Model>(modelResource, manifest(spec, { name: 'echo', namespace }) as KubernetesObject, user);

  /** Waits until the model's conditions match, each given as `Type=Status`; gives back its status. */
  async function until(
    namespace: string,
    name: string,
    ...conditions: string[]
  ): Promise<InferenceModelStatus> {
    const found = await waitFor<Model>(client, modelResource, { namespace, name }, (model) => {
      const { status, metadata } = model ?? { metadata: { generation: 0 } };
      const now = (status?.conditions ?? []).map((condition) => `${condition.type}=${condition.status}`);
      return (
        status?.observedGeneration === metadata.generation &&
        conditions.every((wanted) => now.includes(wanted))
      );
    });
    return found?.status ?? {};
  }

  const reason = (status: InferenceModelStatus) =>
    status.conditions?.find(({ type }) => type === 'Ready')?.message;

  const runningPods = async (namespace: string) => {
    const { items } = await client.list<PodObject>(podResource, { namespace });
    return items.filter(({ metadata }) => !metadata.deletionTimestamp).map(({ metadata }) => metadata.uid);
  };

  it('predicts as scikit-learn does, sleeps, wakes for a request, and leaves nothing when it is deleted', async () => {
    await using ns = await namespace(client);
    const { rows, predictions }: Expected = JSON.parse(
      await readFile(inject('models').sklearn.expected, 'utf8'),
    );
    const sample = join(manifests, 'samples/iris.yaml');
    await kubectl(['apply', '--namespace', ns.name, '-f', sample]);
    const { url = '' } = await until(ns.name, 'iris', 'Ready=True');
    const writes = await operatorWrites(ns.name, 'iris');
    expect(writes.filter((write) => write !== 'patch inferencemodels/status')).toEqual(['patch services']);
    // At most three where pods start at once; on a busy machine a model is longer under way, with more to tell.
    expect(writes.length).toBeLessThanOrEqual(1 + 6);
    expect((await predict(ingress(), url, 'iris', rows)).predictions).toEqual(predictions);

    await asleep(client, ns.name);
    await waitFor<Model>(
      client,
      modelResource,
      { namespace: ns.name, name: 'iris' },
      (found) => found?.status?.state === 'Asleep',
    );
    expect(await kubectl(['get', 'imodel', '--namespace', ns.name])).toMatch(
      /iris +http:\/\/iris\.\S+ +Asleep +True/,
    );
    expect((await predict(ingress(), url, 'iris', rows)).predictions).toEqual(predictions);

    await kubectl(['delete', '--namespace', ns.name, '-f', sample]);
    for (const kind of [
      'services.serving.knative.dev',
      'revisions.serving.knative.dev',
      'deployments',
      'pods',
    ])
      await kubectl(['wait', '--namespace', ns.name, '--for=delete', kind, '--all', '--timeout=120s']);
  });

  it('serves from the old revision until the new one is ready, and from it alone if the new one fails', async () => {
    await using ns = await namespace(client);
    await apply(ns.name, echo());
    const { url = '', revisions } = await until(ns.name, 'echo', 'Ready=True');
    const [old] = revisions ?? [];
    const serving = async () => JSON.parse((await ask(ingress(), url, '/')).text).revision;

    await apply(ns.name, echo([{ name: 'FAIL', value: 'no model at /mnt/models' }]));
    const failing = await until(ns.name, 'echo', 'Ready=False', 'Available=True', 'Stalled=True');
    expect(reason(failing)).toBe(
      'container server exited with code 1: no model at /mnt/models. To try the same again: dormouse restart echo',
    );
    expect(await serving()).toBe(old?.name);

    await apply(ns.name, echo([{ name: 'COLOUR', value: 'green' }]));
    const { revisions: after } = await until(ns.name, 'echo', 'Ready=True');
    expect(after).toMatchObject([{ percent: 100, ready: true }]);
    expect(await serving()).toBe(after?.[0]?.name);

    await apply(ns.name, echo());
    await until(ns.name, 'echo', 'Ready=True');
    expect(await serving()).toBe(old?.name);
    expect((await client.list(revisionResource, { namespace: ns.name })).items).toHaveLength(3);
  });

  it('waits for a Secret that it names, in words, and becomes ready untouched once it is there', async () => {
    await using ns = await namespace(client);
    const env = [{ name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'token', key: 'value' } } }];
    const { metadata } = await apply(ns.name, echo(env));
    const waiting = await waitFor<Model>(
      client,
      modelResource,
      { namespace: ns.name, name: 'echo' },
      (found) =>
        (found?.status?.conditions ?? []).some(
          ({ message }) => message === 'container server: secret "token" not found',
        ),
    );
    expect(waiting?.status).toMatchObject({ state: 'Failed' });
    const secret = { metadata: { namespace: ns.name, name: 'token' }, stringData: { value: 'x' } };
    await client.create(secrets, secret, user);
    await until(ns.name, 'echo', 'Ready=True');
    const service = await client.get(serviceResource, { namespace: ns.name, name: 'echo' });
    expect([metadata.generation, service.metadata.generation]).toEqual([1, 1]);
  });

  it('says that its image cannot be pulled, in the words of the container runtime', async () => {
    await using ns = await namespace(client);
    await apply(ns.name, { container: { image: 'dev.local/missing:1' } });
    const failing = await waitFor<Model>(
      client,
      modelResource,
      { namespace: ns.name, name: 'echo' },
      (found) => (found?.status?.conditions ?? []).some(({ reason }) => reason === 'ImagePullFailed'),
    );
    expect(reason(failing?.status ?? {})).toContain('dev.local/missing:1');
  });

  it('keeps its pod and its revision when its bounds of scale change', async () => {
    await using ns = await namespace(client);
    await apply(ns.name, echo([], { minReplicas: 1, maxReplicas: 2 }));
    await until(ns.name, 'echo', 'Ready=True');
    const [pod] = await runningPods(ns.name);
    expect(pod).toBeDefined();

    await apply(ns.name, echo([], { minReplicas: 2, maxReplicas: 2 }));
    const wider = await waitFor<Model>(
      client,
      modelResource,
      { namespace: ns.name, name: 'echo' },
      (model) => model?.status?.replicas === 2,
    );
    expect(wider?.status?.revisions).toHaveLength(1);
    expect(await runningPods(ns.name)).toContain(pod);

    await apply(ns.name, echo());
    await asleep(client, ns.name);
    expect((await client.list(revisionResource, { namespace: ns.name })).items).toHaveLength(1);
  });

  it('goes back to the pod that serves, though its bounds of scale changed meanwhile', async () => {
    await using ns = await namespace(client);
    await apply(ns.name, echo([], { minReplicas: 1, maxReplicas: 2 }));
    await until(ns.name, 'echo', 'Ready=True');
    const [pod] = await runningPods(ns.name);
    const broken = { name: 'FAIL', value: 'no model' };
    await apply(ns.name, echo([broken], { minReplicas: 1, maxReplicas: 3 }));
    await until(ns.name, 'echo', 'Ready=False', 'Stalled=True');

    await apply(ns.name, echo([], { minReplicas: 1, maxReplicas: 4, window: '90s' }));
    const { revisions } = await until(ns.name, 'echo', 'Ready=True');
    expect(revisions).toMatchObject([{ percent: 100, ready: true }]);
    expect(await runningPods(ns.name)).toContain(pod);
    const { items } = await client.list(revisionResource, { namespace: ns.name });
    expect(items).toHaveLength(2);
    const bounds = items.find(({ metadata }) => metadata.name === revisions?.[0]?.name)?.metadata.annotations;
    expect(bounds).toMatchObject({
      'autoscaling.knative.dev/max-scale': '4',
      'autoscaling.knative.dev/window': '90s',
    });
  });
});
