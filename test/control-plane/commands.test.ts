import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { RestClient } from '#kube/client/rest.ts';
import { modelResource } from '#operator/resources.ts';
import { run } from '../cli/run.ts';
import { adminClient, cluster } from '../support/cluster.ts';
import { manifest } from '../support/models.ts';
import { namespace } from '../support/namespace.ts';

const hold = 'example.test/hold';

const apply = (client: RestClient, namespace: string, name: string) =>
  client.apply(
    modelResource,
    manifest({ container: { image: 'registry.example/iris:1' } }, { namespace, name }) as never,
    {
      fieldManager: 'user',
    },
  );
const dormouse = (of: string, ...args: readonly string[]) =>
  run([...args, '-n', of, '--kubeconfig', cluster().kubeconfig]);

it('delete ends when the models are gone', async () => {
  const client = await adminClient();
  await using ns = await namespace(client);
  for (const name of ['iris', 'rose', 'tulip']) await apply(client, ns.name, name);
  const { code, stderr } = await dormouse(ns.name, 'delete', 'iris', 'rose', 'iris', '--yes');
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: [
      'iris: it has no address yet',
      'rose: it has no address yet',
      ...['iris', 'rose'].map((name) => `${name} is deleted; its pods end with their last requests`),
      '',
    ]
      .map((line) => (line ? `${ns.name}/${line}` : ''))
      .join('\n'),
  });
  const left = await client.list(modelResource, { namespace: ns.name });
  expect(left.items.map(({ metadata }) => metadata.name)).toEqual(['tulip']);
});

it('delete waits for who holds a model back, unless it is told not to', async () => {
  const client = await adminClient();
  await using ns = await namespace(client);
  const name = { namespace: ns.name, name: 'iris' };
  await apply(client, ns.name, 'iris');
  const finalizers = (list: readonly string[]) =>
    client.patch(modelResource, name, { metadata: { finalizers: list } }, { fieldManager: 'holder' });
  await finalizers([hold]);
  expect((await dormouse(ns.name, 'delete', 'iris', '--yes', '--no-wait')).stderr).toContain(
    `${ns.name}/iris is marked as deleted\n`,
  );
  const deleting = dormouse(ns.name, 'delete', 'iris', '--yes');
  const first = await Promise.race([deleting, setTimeout(2000, 'it waits')]);
  expect(first).toBe('it waits');
  await finalizers([]);
  expect(await deleting).toMatchObject({ code: 0 });
});

it('delete says who holds a model back for longer than it was told to wait', async () => {
  const client = await adminClient();
  await using ns = await namespace(client);
  await apply(client, ns.name, 'iris');
  const name = { namespace: ns.name, name: 'iris' };
  await client.patch(modelResource, name, { metadata: { finalizers: [hold] } }, { fieldManager: 'holder' });
  const { code, stderr } = await dormouse(ns.name, 'delete', 'iris', '--yes', '--timeout', '2s');
  await client.patch(modelResource, name, { metadata: { finalizers: [] } }, { fieldManager: 'holder' });
  expect(code).toBe(1);
  expect(stderr).toContain(
    `error: ${ns.name}/iris is marked as deleted, and stays until its finalizers are removed by whoever set them: ${hold}\n`,
  );
});

it('get --watch goes on through what an API server does, and ends in peace', async () => {
  const client = await adminClient();
  await using ns = await namespace(client);
  await apply(client, ns.name, 'iris');
  const watching = dormouse(ns.name, 'get', '--watch');
  await setTimeout(2000);
  await apply(client, ns.name, 'rose');
  await client.delete(modelResource, { namespace: ns.name, name: 'iris' });
  await setTimeout(2000);
  process.emit('SIGINT');
  const { code, stdout, stderr } = await watching;
  expect(code).toBe(0);
  expect(stdout.split('\n').map((line) => line.split(/ +/)[0])).toEqual(['NAME', 'iris', 'rose', '']);
  expect(stderr).toBe(`${ns.name}/iris was deleted\n`);
});
