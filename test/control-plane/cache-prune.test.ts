import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { run, scratch } from '../cli/run.ts';
import { adminClient, kubectl } from '../support/cluster.ts';
import { fetchInto, temporaryFolder } from '../support/fetching.ts';
import { namespace } from '../support/namespace.ts';
import { helmTemplate } from '../support/tools.ts';

/** The kubeconfig of a ServiceAccount. */
async function kubeconfigFor(account: string, of: string): Promise<string> {
  const config = JSON.parse(await kubectl(['config', 'view', '--raw', '--minify', '-o', 'json']));
  const token = await kubectl(['create', 'token', account, '-n', of]);
  const users = config.users.map(({ name }: { readonly name: string }) => ({
    name,
    user: { token: token.trim() },
  }));
  return scratch('kubeconfig', JSON.stringify({ ...config, users }));
}

it('with the rights that the chart gives a prune it keeps what a revision may need, and sees no other namespace', async () => {
  await using ns = await namespace(await adminClient());
  const claim = { namespace: ns.name, claim: 'models', schedule: '0 3 * * *' };
  const objects = await helmTemplate([`cache.prune=[${JSON.stringify(claim)}]`]);
  const ours = objects.filter(({ metadata }) => metadata.namespace === ns.name);
  await kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: ours }));
  const revision = {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Revision',
    metadata: {
      name: 'iris-1',
      namespace: ns.name,
      annotations: { 'dormouse.dev/cache': 'dormouse/needed' },
    },
    spec: { containers: [{ image: 'registry.example/iris:1' }] },
  };
  await kubectl(['create', '-f', '-'], JSON.stringify(revision));

  const folder = await temporaryFolder();
  const source = await temporaryFolder();
  await writeFile(join(source, 'model.bin'), 'x');
  for (const key of ['needed', 'other']) await fetchInto(join(folder, 'dormouse', key), `file://${source}`);
  const kubeconfig = await kubeconfigFor('dormouse-prune-models', ns.name);
  const prune = (of: string) =>
    run(['cache', 'prune', folder, '--max-size', '0', '-n', of, '--kubeconfig', kubeconfig]);

  const elsewhere = await prune('default');
  expect(elsewhere).toMatchObject({ code: 1, stderr: expect.stringMatching(/cannot be read: .*forbidden/) });
  expect((await readdir(join(folder, 'dormouse'))).sort()).toEqual(['needed', 'other']);
  // The API server learns of new rights by a watch.
  await expect.poll(async () => (await prune(ns.name)).code, { timeout: 20_000 }).toBe(0);
  expect(await readdir(join(folder, 'dormouse'))).toEqual(['needed']);
});
