import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openBaseline } from '#cli/cluster/baseline.ts';
import { diff } from '#cli/diff/diff.ts';
import type { KnativeServiceObject } from '#knative/objects.ts';
import { serviceResource } from '#knative/objects.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import type { RestClient } from '#kube/client/rest.ts';
import { modelResource } from '#operator/resources.ts';
import { course, failed, underWay } from '../gitops/verdicts.ts';
import { type Way, ways } from '../gitops/ways.ts';
import { adminClient, cluster, kubectl } from '../support/cluster.ts';
import { environment } from '../support/environment.ts';
import { type Model, manifest } from '../support/models.ts';
import { namespace } from '../support/namespace.ts';
import { runOperator } from '../support/operator.ts';
import { renderedWith } from '../support/rendered.ts';
import { versionsOf } from '../support/versions.ts';
import { waitFor } from '../support/wait.ts';

const user = { fieldManager: 'user' };
const spec = { container: { image: 'dev.local/iris:1', protocol: 'v2' }, scale: { maxReplicas: 3 } };
const pairs = ways.flatMap((first) => ways.map((second) => ({ first, second })));

let client: RestClient;
beforeAll(async () => {
  client = await adminClient();
});

const modelIn = (namespace: string) => manifest(spec, { namespace }) as KubernetesObject;
const rendered = async (namespace: string): Promise<KubernetesObject> => {
  const { services } = await renderedWith({}, JSON.stringify(modelIn(namespace)));
  return services[0] as KubernetesObject;
};
const versions = (namespace: string) =>
  Promise.all(
    [modelResource, serviceResource].map(async (resource) => {
      const { items } = await client.list(resource, { namespace });
      return items.map(({ metadata }) => metadata.resourceVersion);
    }),
  );
const serviceSeen = (namespace: string) =>
  waitFor<KnativeServiceObject>(
    client,
    serviceResource,
    { namespace, name: 'iris' },
    (found) =>
      found?.status?.observedGeneration === found?.metadata.generation && !!found?.status?.conditions,
  );

/** Whoever writes a status while a tool compares makes a difference that is none. */
const inSync = (way: Way, object: KubernetesObject) =>
  expect.poll(() => way.drift([object]), { timeout: 60_000 }).toBe('');

/** Whether a sync leaves every version as it is, once whatever else is under way has come to rest. */
async function changesNothing(
  way: Way,
  objects: readonly KubernetesObject[],
  namespace: string,
): Promise<boolean> {
  for (let tries = 0; tries < 10; tries += 1) {
    const before = await versions(namespace);
    await way.apply(objects);
    if (JSON.stringify(await versions(namespace)) === JSON.stringify(before)) return true;
  }
  return false;
}

describe('an InferenceModel in Git, with the operator', () => {
  it.each(ways)('is in sync once it is applied: $name', async (way) => {
    await using ns = await namespace(client);
    await using _ = await runOperator();
    const model = modelIn(ns.name);
    await way.apply([model]);
    await waitFor<Model>(
      client,
      modelResource,
      { namespace: ns.name, name: 'iris' },
      (found) => !!found?.status?.url,
    );
    await inSync(way, model);
    expect(await changesNothing(way, [model], ns.name)).toBe(true);
    expect(await dormouseDiff(model)).toMatchObject({ code: 0 });
  });

  it.each(pairs)('may go from $first.name to $second.name and back', async ({ first, second }) => {
    await using ns = await namespace(client);
    const model = modelIn(ns.name);
    for (const way of [first, second, second, first, first]) await way.apply([model]);
    const { metadata } = await client.get(modelResource, { namespace: ns.name, name: 'iris' });
    expect(metadata.generation).toBe(1);
  });

  it('is under way until the operator has seen it, and failed only while it is refused or its revision is', async () => {
    await using ns = await namespace(client);
    const key = { namespace: ns.name, name: 'iris' };
    await using told = await versionsOf<Model>(client, modelResource, key);
    const apply = (timeouts: object) =>
      client.apply(modelResource, manifest({ ...spec, timeouts }, key) as KubernetesObject, user);
    const stalled = (generation: number) => (model: Model) =>
      model.status?.observedGeneration === generation &&
      (model.status?.conditions ?? []).some(({ type, status }) => type === 'Stalled' && status === 'True');
    await apply({ request: '15m' });
    await told.until((model) => model.status?.observedGeneration === -1);
    await using _ = await runOperator();
    await told.until(stalled(1));
    await apply({ progress: '5s' });
    await told.until(stalled(2));
    expect(await course(told.seen())).toEqual([underWay, failed, underWay, failed]);
  });
});

describe('a rendered Knative Service in Git, without the operator', () => {
  it.each(ways)('is in sync once it is applied: $name', async (way) => {
    await using ns = await namespace(client);
    const service = await rendered(ns.name);
    await way.apply([service]);
    await serviceSeen(ns.name);
    await inSync(way, service);
    expect(await changesNothing(way, [service], ns.name)).toBe(true);
    expect(await dormouseDiff(modelIn(ns.name))).toMatchObject({ code: 0 });
  });

  it.each(pairs)('may go from $first.name to $second.name and back', async ({ first, second }) => {
    await using ns = await namespace(client);
    const service = await rendered(ns.name);
    for (const way of [first, second, second, first, first]) await way.apply([service]);
    await inSync(first, service);
    const { metadata } = await client.get(serviceResource, { namespace: ns.name, name: 'iris' });
    expect(metadata.generation).toBe(1);
  });

  it('could not, were there no annotation of ours on it', async () => {
    await using ns = await namespace(client);
    const { metadata, ...service } = await rendered(ns.name);
    const { annotations: _, ...bare } = metadata;
    const [flux] = ways as [Way];
    const plain = { ...service, metadata: bare };
    await kubectl(['apply', '-f', '-'], JSON.stringify(plain));
    await expect(flux.apply([plain])).rejects.toThrow('annotation value is immutable');
    await expect(flux.apply([plain])).rejects.toThrow('annotation value is immutable');
    await flux.apply([await rendered(ns.name)]);
  });
});

/** What `dormouse diff` says of a model in the cluster. */
async function dormouseDiff(model: object): Promise<{ readonly code: number; readonly text: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'dormouse-gitops-'));
  const baseline = await openBaseline({ source: 'cluster', kubeconfig: cluster().kubeconfig });
  try {
    const file = join(folder, 'model.json');
    await writeFile(file, JSON.stringify(model));
    const { fetcherImage, allowance } = environment();
    const options = { files: [file], baseline, operatorSettings: { fetcherImage, allowance } };
    return await diff(
      options,
      () => {},
      (_, words) => words,
    );
  } finally {
    await baseline.close();
    await rm(folder, { recursive: true });
  }
}
