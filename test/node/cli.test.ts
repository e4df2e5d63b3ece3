import { expect, it } from 'vitest';
import type { KubernetesObject } from '#kube/client/objects.ts';
import { modelResource } from '#operator/resources.ts';
import { echoImage } from '../cluster/cluster.ts';
import { adminClient } from '../support/cluster.ts';
import { dormouse } from '../support/dormouse.ts';
import { type Model, manifest } from '../support/models.ts';
import { namespace } from '../support/namespace.ts';
import { waitFor } from '../support/wait.ts';

it('a model that sleeps and is not public is woken by predict, through the API server', async () => {
  const client = await adminClient();
  await using ns = await namespace(client);
  const spec = { container: { image: echoImage, readiness: { http: { path: '/' } } } };
  const echo = manifest(spec, { name: 'echo', namespace: ns.name }) as KubernetesObject;
  await client.apply<Model>(modelResource, echo, { fieldManager: 'user' });
  const until = (state: string, replicas: number) =>
    waitFor<Model>(
      client,
      modelResource,
      { namespace: ns.name, name: 'echo' },
      (model) => model?.status?.state === state && model.status.replicas === replicas,
    );
  const ask = ['predict', 'echo', '-n', ns.name, '--path', '/own', '-f', '-'];

  await until('Asleep', 0);
  const cold = await dormouse(ask, '{}');
  expect(JSON.parse(cold.stdout)).toMatchObject({ path: '/own' });
  expect(cold.stderr).toMatch(/^cold: echo was asleep, .* through the API server and pod kourier-system\//);

  await until('Awake', 1);
  expect((await dormouse(ask, '{}')).stderr).toMatch(/^warm: echo was awake with 1 pod, /);

  const { stdout: table } = await dormouse(['get', '-n', ns.name]);
  expect(table).toMatch(new RegExp(`^echo +http://echo.${ns.name}.svc.cluster.local +Awake +True `, 'm'));
  const { stdout: told } = await dormouse(['status', 'echo', '-n', ns.name, '-o', 'json']);
  expect(JSON.parse(told)).toMatchObject({ ready: true, causes: [], revisions: [{ state: 'awake' }] });
});

it('a cluster with Dormouse in it has no problem', async () => {
  const { stdout } = await dormouse(['doctor', '-o', 'json']);
  const verdicts: { level: string; topic: string }[] = JSON.parse(stdout);
  // Nobody outside the cluster knows the domain of a local one.
  expect(verdicts.filter(({ level }) => level !== 'ok').map(({ topic }) => topic)).toEqual(['Domain']);
});
