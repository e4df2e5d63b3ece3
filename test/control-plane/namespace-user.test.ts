import { expect, it } from 'vitest';
import { environmentsOf } from '#cli/cluster/environments.ts';
import { readState } from '#cli/cluster/live.ts';
import { shipped } from '#knative/capabilities.ts';
import { adminClient, kubectl, operatorClient } from '../support/cluster.ts';
import { namespace } from '../support/namespace.ts';

/** What `diff`, `upgrade` and `--against cluster` reckon with where somebody works, and what they say of it. */
async function known(user: string | undefined, of: string) {
  const client = user ? await operatorClient(user) : await adminClient();
  const said: string[] = [];
  const state = await readState(client, [of]);
  const { capabilities, runtimes } = environmentsOf(state, undefined, (line) => said.push(line))(of);
  return { capabilities, runtimes: runtimes.map(({ name }) => name), hidden: [...state.hidden].sort(), said };
}

it('who may view a namespace is told what runs there, and what is only taken of the cluster', async () => {
  const client = await adminClient();
  await using ns = await namespace(client);
  const user = `viewer-of-${ns.name}`;
  await kubectl(['create', 'rolebinding', 'viewer', '--clusterrole=view', `--user=${user}`, '-n', ns.name]);
  // The API server learns of it by a watch.
  const able = () =>
    kubectl(['auth', 'can-i', 'list', 'imodel', `--as=${user}`, '-n', ns.name]).catch((error) =>
      String(error),
    );
  await expect.poll(able, { timeout: 10_000 }).toContain('yes');

  const found = await known(user, ns.name);
  const { runtimes } = await known(undefined, ns.name);
  expect(found).toMatchObject({ hidden: ['operators', 'settings'], runtimes, capabilities: shipped });
  expect(found.said).toHaveLength(2);
  await expect(known(user, 'default')).rejects.toThrow('forbidden');
});

it('who may read the whole cluster is told nothing of that', async () => {
  expect(await known(undefined, 'default')).toMatchObject({ hidden: [], said: [] });
});
