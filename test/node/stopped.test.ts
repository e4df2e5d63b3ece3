import { readFile } from 'node:fs/promises';
import { expect, inject, it } from 'vitest';
import type { KubernetesObject } from '#kube/client/objects.ts';
import { modelResource } from '#operator/resources.ts';
import { iris } from '#release/install/samples.ts';
import type { Expected } from '../images/iris.ts';
import { adminClient } from '../support/cluster.ts';
import { predict } from '../support/inference.ts';
import { type Model, manifest } from '../support/models.ts';
import { namespace } from '../support/namespace.ts';
import { asleep, ingress } from '../support/node.ts';
import { stopOperator } from '../support/operator-deployment.ts';
import { waitFor } from '../support/wait.ts';

it('a model sleeps, wakes for a request and predicts while there is no operator, which then catches up', async () => {
  const client = await adminClient();
  await using ns = await namespace(client);
  const name = { namespace: ns.name, name: 'iris' };
  const state = (wanted: string) =>
    waitFor<Model>(client, modelResource, name, (model) => model?.status?.state === wanted);
  const { rows, predictions }: Expected = JSON.parse(
    await readFile(inject('models').sklearn.expected, 'utf8'),
  );
  const spec = { ...iris, scale: { window: '6s' } };
  await client.create(modelResource, manifest(spec, name) as KubernetesObject, { fieldManager: 'user' });
  const { url = '' } = (await state('Awake'))?.status ?? {};
  {
    await using _ = await stopOperator();
    const { status } = await client.get<Model>(modelResource, name);
    await asleep(client, ns.name);
    expect((await predict(ingress(), url, 'iris', rows)).predictions).toEqual(predictions);
    await asleep(client, ns.name);
    expect((await client.get<Model>(modelResource, name)).status).toEqual(status);
  }
  await state('Asleep');
  expect((await predict(ingress(), url, 'iris', rows)).predictions).toEqual(predictions);
  await state('Awake');
});
