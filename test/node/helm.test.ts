import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InferenceModelSpecInput } from '#api/v1alpha1/spec.ts';
import { type ConfigMap, conditionOf } from '#knative/objects.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import { configMapResource, podResource } from '#kube/client/objects.ts';
import type { RestClient } from '#kube/client/rest.ts';
import { modelResource } from '#operator/resources.ts';
import { echoImage } from '../cluster/cluster.ts';
import { adminClient, cluster, kubectl } from '../support/cluster.ts';
import { ask } from '../support/inference.ts';
import { installOperator, manifests } from '../support/install.ts';
import { type Model, manifest } from '../support/models.ts';
import { namespace } from '../support/namespace.ts';
import { ingress } from '../support/node.ts';
import { configured } from '../support/settings.ts';
import { chart, runTool } from '../support/tools.ts';
import { waitFor } from '../support/wait.ts';

const release = ['dormouse', '--namespace=dormouse-system'];
const files = ['crds.yaml', 'install.yaml'].flatMap((name) => ['-f', join(manifests, name)]);
const runtimes = ['get', 'iruntime', '--output=name'];

const helm = (verb: string, ...args: readonly string[]) =>
  runTool('helm', [verb, ...release, '--kubeconfig', cluster().kubeconfig, '--wait', ...args]);
const install = (...args: readonly string[]) => helm('install', chart, '--create-namespace', ...args);
const upgrade = (...values: readonly string[]) =>
  helm('upgrade', chart, '--install', '--reset-values', ...values.flatMap((value) => ['--set', value]));

/** A cluster without Dormouse; at the end the operator of manifests/ is in it again, for other tests. */
async function withoutOperator(): Promise<AsyncDisposable> {
  const remove = () => kubectl(['delete', ...files, '--ignore-not-found']);
  await remove();
  return {
    [Symbol.asyncDispose]: async () => {
      await helm('uninstall', '--ignore-not-found');
      await remove();
      await installOperator(cluster());
    },
  };
}

/** A model that runs: where it is reached, and its pods with how often their containers were started anew. */
async function running(client: RestClient, home: string) {
  const name = { namespace: home, name: 'echo' };
  const apply = async (maxReplicas: number): Promise<Model | undefined> => {
    const spec: InferenceModelSpecInput = {
      container: { image: echoImage, readiness: { http: { path: '/' } } },
      scale: { minReplicas: 1, maxReplicas },
      access: { visibility: 'Public' },
    };
    const object = manifest(spec, name) as KubernetesObject;
    const { metadata } = await client.apply<Model>(modelResource, object, { fieldManager: 'user' });
    return waitFor<Model>(
      client,
      modelResource,
      name,
      (model) =>
        model?.status?.observedGeneration === metadata.generation &&
        conditionOf(model, 'Ready')?.status === 'True',
    );
  };
  const ready = await apply(1);
  const answers = async () => (await ask(ingress(), ready?.status?.url ?? '', '/')).status === 200;
  const pods = async () => {
    const { items } = await client.list<Pod>(podResource, { namespace: home });
    return items.map(({ metadata, status }) => [metadata.uid, status?.containerStatuses?.map(restarts)]);
  };
  return { answers, pods, scaledTo: apply };
}

interface Pod extends KubernetesObject {
  readonly status?: { readonly containerStatuses?: readonly Container[] };
}
type Container = { readonly name: string; readonly restartCount: number };
const restarts = ({ name, restartCount }: Container) => `${name}: ${restartCount}`;

describe('the Helm chart', () => {
  const stack = new AsyncDisposableStack();
  let client: RestClient;

  beforeAll(async () => {
    client = await adminClient();
    stack.use(await withoutOperator());
  });
  afterAll(() => stack.disposeAsync());

  it('installs the operator, upgrades it and takes it away, and a model that runs notices nothing', async () => {
    await install();
    const installed = await kubectl(runtimes);
    expect(installed).toContain('inferenceruntime.dormouse.dev/mlserver-sklearn');
    await using home = await namespace(client);
    const model = await running(client, home.name);
    const before = await model.pods();
    expect(await model.answers()).toBe(true);

    await upgrade('logLevel=debug', 'replicas=1');
    const told = '--output=jsonpath={.spec.replicas} {.spec.template.spec.containers[0].args}';
    expect(await kubectl(['get', 'deployment/dormouse', '--namespace=dormouse-system', told])).toMatch(
      /^1 .*--log-level=debug/,
    );

    await helm('uninstall');
    expect(await kubectl(runtimes)).toBe(installed);
    expect(await model.answers()).toBe(true);

    await install();
    expect(await kubectl(runtimes)).toBe(installed);
    await model.scaledTo(2);
    expect(await model.pods()).toEqual(before);
  });

  it('leaves the Job that fails, for its log, and no right of it', async () => {
    const values = ['--set=knative.patchFeatures=true', '--set=image.tag=missing', '--timeout=15s'];
    await expect(
      runTool('helm', ['upgrade', ...release, chart, '--kubeconfig', cluster().kubeconfig, ...values]),
    ).rejects.toThrow('post-upgrade hooks failed');
    const kinds = 'role,rolebinding,serviceaccount,job';
    const left = await kubectl(['get', kinds, '--all-namespaces', '--output=name']);
    expect(left.match(/\S*dormouse\S*[:-]knative/g)).toEqual(['job.batch/dormouse-knative']);
  });

  it("sets Knative's flags where it is told to, and keeps no right to do so", async () => {
    await using _ = await configured(client, 'config-features', {
      'kubernetes.podspec-volumes-emptydir': 'disabled',
      'kubernetes.podspec-init-containers': 'disabled',
    });
    await upgrade('knative.patchFeatures=true');
    const features = { namespace: 'knative-serving', name: 'config-features' };
    expect((await client.get<ConfigMap>(configMapResource, features)).data).toMatchObject({
      'kubernetes.podspec-init-containers': 'enabled',
    });
    const kinds = 'role,rolebinding,serviceaccount,job';
    expect(await kubectl(['get', kinds, '--all-namespaces', '--output=name'])).not.toMatch(
      /dormouse\S*[:-]knative/,
    );
  });

  it.each([
    ['all namespaces', () => []],
    ['some namespaces', (home: string) => [`namespaces={${home}}`]],
  ])('of %s, leaves models as plain Knative Services, which outlive the CRDs', async (_, values) => {
    await using home = await namespace(client);
    await upgrade('keepModels=true', ...values(home.name));
    const model = await running(client, home.name);
    const before = await model.pods();
    await helm('uninstall');
    await kubectl(['delete', 'crd', 'inferencemodels.dormouse.dev', '--timeout=60s']);
    const service = ['get', 'ksvc/echo', `--namespace=${home.name}`];
    expect(await kubectl([...service, '--output=jsonpath={.metadata.ownerReferences}'])).toBe('');
    expect(await model.answers()).toBe(true);
    expect(await model.pods()).toEqual(before);
    const kinds = 'clusterrole,clusterrolebinding,role,rolebinding,serviceaccount,job';
    expect(await kubectl(['get', kinds, '--all-namespaces', '--output=name'])).not.toMatch(
      /dormouse\S*[:-]eject/,
    );
  });
});
