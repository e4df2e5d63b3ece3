import { expect, it } from 'vitest';
import type { KnativeServiceObject } from '#knative/objects.ts';
import { serviceResource } from '#knative/objects.ts';
import { echoImage } from '../cluster/cluster.ts';
import { adminClient, cluster } from '../support/cluster.ts';
import { ask } from '../support/inference.ts';
import { namespace } from '../support/namespace.ts';
import { asleep, ingress } from '../support/node.ts';
import { waitFor } from '../support/wait.ts';

it('a bare Knative Service answers, sleeps, and wakes for a request', async () => {
  const client = await adminClient();
  await using ns = await namespace(client, 'privileged');
  const container = { image: echoImage, readinessProbe: { httpGet: { path: '/' }, periodSeconds: 1 } };
  const service = {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Service',
    metadata: { namespace: ns.name, name: 'bare' },
    spec: { template: { spec: { containers: [container] } } },
  };
  await client.create<KnativeServiceObject>(serviceResource, service as unknown as KnativeServiceObject, {
    fieldManager: 'user',
  });
  const ready = await waitFor<KnativeServiceObject>(client, serviceResource, service.metadata, (found) =>
    (found?.status?.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True'),
  );
  const url = ready?.status?.url ?? '';
  expect(url).toBe(`http://bare.${ns.name}.${cluster().domain}`);
  expect((await ask(ingress(), url, '/a')).status).toBe(200);
  await asleep(client, ns.name);
  const woken = await ask(ingress(), url, '/b');
  expect(JSON.parse(woken.text)).toMatchObject({ path: '/b' });
});
