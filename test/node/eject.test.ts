import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { InferenceModelSpecInput } from '#api/v1alpha1/spec.ts';
import { conditionOf, revisionResource, serviceResource } from '#knative/objects.ts';
import { isNotFound } from '#kube/client/errors.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import { podResource } from '#kube/client/objects.ts';
import { modelResource } from '#operator/resources.ts';
import { echoImage } from '../cluster/cluster.ts';
import { adminClient, cluster, kubectl } from '../support/cluster.ts';
import { dormouse } from '../support/dormouse.ts';
import { ask } from '../support/inference.ts';
import { installOperator } from '../support/install.ts';
import { type Model, manifest } from '../support/models.ts';
import { namespace } from '../support/namespace.ts';
import { asleep, ingress } from '../support/node.ts';
import { waitFor } from '../support/wait.ts';

const user = { fieldManager: 'user' };
const echo = (minReplicas: number): InferenceModelSpecInput => ({
  container: { image: echoImage, readiness: { http: { path: '/' } } },
  scale: { minReplicas, window: '6s' },
  access: { visibility: 'Public' },
});

it('after eject --uninstall models run on under load, sleep and wake, and are plain YAML that Git can own', async () => {
  const client = await adminClient();
  // All that are there are ejected. Those of tests before are in namespaces that go, but only after their pods.
  const models = async () => (await client.list<KubernetesObject>(modelResource)).items;
  for (const { metadata } of await models())
    await client.delete(modelResource, metadata).catch((error) => {
      if (!isNotFound(error)) throw error;
    });
  await expect.poll(models, { timeout: 60_000 }).toEqual([]);
  await using ns = await namespace(client);
  // One has our own name, and its pods the label of the operator's.
  const named = (name: string) => ({ namespace: ns.name, name });
  const urls: Record<string, string> = {};
  for (const [name, min] of [['busy', 1] as const, ['dormouse', 0] as const]) {
    const object = manifest(echo(min), named(name)) as KubernetesObject;
    await client.create<Model>(modelResource, object, user);
    const ready = await waitFor<Model>(
      client,
      modelResource,
      named(name),
      (found) => conditionOf(found, 'Ready')?.status === 'True',
    );
    urls[name] = ready?.status?.url ?? '';
  }
  await asleep(client, ns.name, 'dormouse');

  const picture = async () => {
    const all = { namespace: ns.name };
    const revisions = (await client.list<KubernetesObject>(revisionResource, all)).items;
    const pods = (await client.list<KubernetesObject>(podResource, all)).items.filter(
      ({ metadata }) => metadata.labels?.['dormouse.dev/model'] === 'busy',
    );
    const services = (await client.list<KubernetesObject>(serviceResource, all)).items;
    return {
      revisions: revisions.map(({ metadata }) => metadata.uid).sort(),
      pods: pods.map(({ metadata }) => metadata.uid),
      services: services.map(({ metadata }) => `${metadata.uid} ${metadata.generation}`),
    };
  };
  const before = await picture();
  expect([before.revisions.length, before.pods.length, before.services.length]).toEqual([2, 1, 2]);

  const folder = await mkdtemp(join(tmpdir(), 'dormouse-eject-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'services.yaml');
  // For the tests of other files.
  onTestFinished(() => installOperator(cluster()));

  const statuses: number[] = [];
  let done = false;
  const load = async (): Promise<void> => {
    while (!done) statuses.push((await ask(ingress(), urls.busy ?? '', '/')).status);
  };
  const leave = async (): Promise<void> => {
    const { stdout, stderr } = await dormouse(['eject', '--all-namespaces', '--uninstall', '--yes']);
    expect(stderr).toMatch(/^ejected 2: their Knative Services run on and are yours$/m);
    await writeFile(file, stdout);
    const crd = 'crd/inferencemodels.dormouse.dev';
    await kubectl(['wait', '--for=delete', crd, '--timeout=60s']);
    for (const way of [['--server-side'], ['--server-side', '--field-manager=kustomize-controller']])
      await expect.poll(() => kubectl(['diff', ...way, '-f', file]), { timeout: 60_000 }).toBe('');
    // In any order, as tools change.
    for (const way of [['--server-side'], [], ['--server-side', '--field-manager=flux']])
      await kubectl(['apply', ...way, '-f', file]);
  };
  await Promise.all([load(), leave().finally(() => (done = true))]);

  expect(statuses.length).toBeGreaterThan(0);
  expect(statuses.filter((status) => status !== 200)).toEqual([]);
  expect(await picture()).toEqual(before);
  const { items } = await client.list<KubernetesObject>(serviceResource, { namespace: ns.name });
  for (const { metadata } of items) {
    expect(metadata.ownerReferences ?? []).toEqual([]);
    expect(metadata.managedFields?.map(({ manager }) => manager)).not.toContain('dormouse');
  }
  expect((await ask(ingress(), urls.dormouse ?? '', '/')).status).toBe(200);
  expect(
    await kubectl([
      'get',
      'clusterrole,deployment,role',
      '-A',
      '-l',
      'app.kubernetes.io/name=dormouse,!dormouse.dev/model',
    ]),
  ).toBe('');
});
