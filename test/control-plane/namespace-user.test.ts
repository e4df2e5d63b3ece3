import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { environmentsOf } from '#cli/cluster/environments.ts';
import { readState } from '#cli/cluster/live.ts';
import { shipped } from '#knative/capabilities.ts';
import { coreServiceResource } from '#kube/client/objects.ts';
import { modelResource } from '#operator/resources.ts';
import { run, scratch } from '../cli/run.ts';
import { adminClient, cluster, kubectl, operatorClient } from '../support/cluster.ts';
import { manifest } from '../support/models.ts';
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

/** What the command line says to a user who has a ClusterRole in a namespace, and no other right. */
async function sayTo(role: string, of: string, args: readonly string[]) {
  const user = `${role}-of-${of}`;
  await kubectl(['create', 'rolebinding', role, `--clusterrole=${role}`, `--user=${user}`, '-n', of]);
  const able = () =>
    kubectl(['auth', 'can-i', 'list', 'imodel', `--as=${user}`, '-n', of]).catch((error) => String(error));
  await expect.poll(able, { timeout: 10_000 }).toContain('yes');
  const config = parse(readFileSync(cluster().kubeconfig, 'utf8'));
  for (const { user: credentials } of config.users) credentials.as = user;
  const file = await scratch('kubeconfig', JSON.stringify(config));
  return run([...args, '-n', of, '--kubeconfig', file]);
}

it('doctor has few lines for a user of one namespace, and none is about an ingress that is not here', async () => {
  const client = await adminClient();
  await using ns = await namespace(client);
  const { code, stdout } = await sayTo('edit', ns.name, ['doctor']);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^ok +Your rights +see models in \S+, apply models in .*, predict while a pod runs$/m,
  );
  expect(stdout).toMatch(/^warning +Not looked at +Knative Serving, Ingress, Domain, /m);
  expect(stdout.split('\n').filter(Boolean)).toHaveLength(4);
  expect(stdout).not.toContain('istio');
});

it('predict tells a user of one namespace which role wakes a model that sleeps', async () => {
  const client = await adminClient();
  await using ns = await namespace(client);
  const address = `http://iris.${ns.name}.svc.cluster.local`;
  const model = manifest({ container: { image: 'registry.example/iris:1' } }, { namespace: ns.name });
  await client.apply(modelResource, model as never, { fieldManager: 'user' });
  await client.applyStatus(
    modelResource,
    { ...model, spec: undefined, status: { observedGeneration: 1, address: { url: address } } } as never,
    { fieldManager: 'status' },
  );
  const alias = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'iris', namespace: ns.name },
    spec: { type: 'ExternalName', externalName: 'kourier-internal.kourier-system.svc.cluster.local' },
  };
  await client.apply(coreServiceResource, alias, { fieldManager: 'user', force: true });
  const { code, stderr } = await sayTo('edit', ns.name, [
    'predict',
    'iris',
    '--path',
    '/',
    '-f',
    await scratch('x.json', '{}'),
  ]);
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /iris has no pod that serves, .*ClusterRole dormouse-predict in the namespace of the ingress/,
  );
});
