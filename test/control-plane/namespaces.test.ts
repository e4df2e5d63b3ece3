import { App, Yaml } from 'cdk8s';
import { expect, it } from 'vitest';
import { serviceResource } from '#knative/objects.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import { modelResource } from '#operator/resources.ts';
import { Operator } from '#release/install/operator.ts';
import { adminClient, kubectl, operatorClient } from '../support/cluster.ts';
import { type Model, manifest } from '../support/models.ts';
import { namespace } from '../support/namespace.ts';
import { runOperator } from '../support/operator.ts';
import { waitFor } from '../support/wait.ts';

const spec = { container: { image: 'dev.local/iris:1' } };

it('an operator for some namespaces serves those, with rights in no other', async () => {
  const client = await adminClient();
  await using home = await namespace(client);
  await using one = await namespace(client);
  await using two = await namespace(client);
  await using other = await namespace(client);
  const namespaces = [one.name, two.name];
  await install(home.name, namespaces);
  const rights = await operatorClient(`system:serviceaccount:${home.name}:dormouse`);
  await using _ = await runOperator({ client: rights, namespaces });
  for (const { name } of [other, one, two])
    await client.apply<Model>(modelResource, manifest(spec, { namespace: name }) as KubernetesObject, {
      fieldManager: 'user',
    });

  for (const { name } of [one, two])
    await waitFor(client, serviceResource, { namespace: name, name: 'iris' }, (found) => found !== undefined);
  const untouched = await client.get<Model>(modelResource, { namespace: other.name, name: 'iris' });
  expect(untouched.status).toEqual({ observedGeneration: -1 });
  await expect(rights.list(modelResource, { namespace: other.name })).rejects.toThrow('forbidden');
  await expect(rights.list(modelResource)).rejects.toThrow('forbidden');
});

/** Applies what manifests/ would be for an operator in the namespace `home` that serves others. */
async function install(home: string, namespaces: readonly string[]): Promise<void> {
  const chart = new Operator(new App(), 'install', { namespace: home, namespaces });
  await kubectl(['apply', '-f', '-'], Yaml.stringify(...chart.toJson()));
}
