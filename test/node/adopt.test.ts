import { expect, it } from 'vitest';
import { conditionOf } from '#knative/objects.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import { modelResource } from '#operator/resources.ts';
import { echoImage } from '../cluster/cluster.ts';
import { adminClient } from '../support/cluster.ts';
import { dormouse } from '../support/dormouse.ts';
import { type Model, manifest } from '../support/models.ts';
import { namespace } from '../support/namespace.ts';
import { configured } from '../support/settings.ts';
import { waitFor } from '../support/wait.ts';

/** Runs `dormouse upgrade` and gives what it says, and its exit code. */
async function upgrade(...args: readonly string[]) {
  const { stdout, stderr, code } = await dormouse(['upgrade', ...args]).then(
    (output) => ({ ...output, code: 0 }),
    (error: { stdout: string; stderr: string; code: number }) => error,
  );
  return { code, stdout, stderr };
}

it('a model is behind a changed default of the cluster until it is told to adopt it; one that fails then leaves the old one serving', async () => {
  const client = await adminClient();
  await using ns = await namespace(client);
  const spec = {
    container: { image: echoImage, readiness: { http: { path: '/' } } },
    timeouts: { progress: '15s' },
  };
  const echo = manifest(spec, { name: 'echo', namespace: ns.name }) as KubernetesObject;
  await client.apply<Model>(modelResource, echo, { fieldManager: 'user' });
  const ready = await waitFor<Model>(
    client,
    modelResource,
    echo.metadata,
    (model) => conditionOf(model, 'Ready')?.status === 'True',
  );
  const [first] = ready?.status?.revisions ?? [];
  const plan = ['--plan', '-n', ns.name] as const;
  expect(await upgrade(...plan)).toMatchObject({ code: 0, stdout: 'models: 1 current\n' });

  await using _ = await configured(client, 'config-defaults', { 'revision-timeout-seconds': '240' });
  const behind = await upgrade(...plan, '-o', 'json');
  expect(behind.code).toBe(1);
  expect(JSON.parse(behind.stdout)).toMatchObject({
    models: [
      {
        ...{ name: 'echo', state: 'behind', live: first?.name },
        changes: [{ path: 'spec.timeoutSeconds', before: 300, after: 240 }],
      },
    ],
  });

  const adopted = await upgrade('echo', '-n', ns.name);
  expect(adopted).toMatchObject({ code: 0, stdout: '' });
  const second = /echo: (\S+) serves\n$/.exec(adopted.stderr)?.[1];
  expect(second).not.toBe(first?.name);
  const after = await client.get<Model>(modelResource, echo.metadata);
  expect(after.status?.revisions).toMatchObject([{ name: second, percent: 100, ready: true }]);
  expect(await upgrade(...plan)).toMatchObject({ code: 0, stdout: 'models: 1 current\n' });

  // More than any node has.
  await using __ = await configured(client, 'config-defaults', { 'revision-cpu-request': '1000' });
  const failed = await upgrade('echo', '-n', ns.name);
  expect(failed.code).toBe(2);
  expect(failed.stderr).toMatch(/Insufficient cpu.*; what served before serves on\n$/s);
  const { status } = await client.get<Model>(modelResource, echo.metadata);
  expect(status?.revisions).toContainEqual(expect.objectContaining({ name: second, percent: 100 }));
  expect(conditionOf({ status }, 'Available')?.status).toBe('True');
});
