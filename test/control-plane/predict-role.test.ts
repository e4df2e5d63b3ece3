import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { coreServiceResource, endpointSliceResource, podResource } from '#kube/client/objects.ts';
import type { RestClient } from '#kube/client/rest.ts';
import { modelResource } from '#operator/resources.ts';
import { run, scratch } from '../cli/run.ts';
import { auditOf } from '../support/audit.ts';
import { adminClient, cluster, kubectl } from '../support/cluster.ts';
import { manifests } from '../support/install.ts';
import { manifest } from '../support/models.ts';
import { namespace } from '../support/namespace.ts';

const role = 'dormouse-predict';

/** What the role allows, as `verb resource`. */
function granted(): string[] {
  const objects = parseAllDocuments(readFileSync(`${manifests}/install.yaml`, 'utf8')).map((each) =>
    each.toJS(),
  );
  const { rules } = objects.find(({ kind, metadata }) => kind === 'ClusterRole' && metadata.name === role);
  return rules.flatMap(({ resources, verbs }: Record<'resources' | 'verbs', string[]>) =>
    resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}`)),
  );
}

/** Kubernetes asks for it beside `get` from 1.35 on, as for every connection that is upgraded. */
const fromNewerVersions = 'create pods/portforward';

/** An ingress in a namespace, whose pod runs nowhere. */
async function ingress(client: RestClient, namespace: string): Promise<string> {
  const object = (apiVersion: string, kind: string, rest: object) => ({
    apiVersion,
    kind,
    metadata: { name: 'gateway', namespace },
    ...rest,
  });
  const manager = { fieldManager: 'user' };
  await client.apply(
    podResource,
    object('v1', 'Pod', { spec: { containers: [{ name: 'a', image: 'a' }] } }),
    manager,
  );
  await client.apply(
    coreServiceResource,
    object('v1', 'Service', { spec: { ports: [{ port: 80 }] } }),
    manager,
  );
  const slice = object('discovery.k8s.io/v1', 'EndpointSlice', {
    addressType: 'IPv4',
    ports: [{ name: '', port: 8080 }],
    endpoints: [{ addresses: ['10.0.0.1'], targetRef: { kind: 'Pod', namespace, name: 'gateway' } }],
  });
  const labels = { 'kubernetes.io/service-name': 'gateway' };
  await client.apply(endpointSliceResource, { ...slice, metadata: { ...slice.metadata, labels } }, manager);
  return `gateway.${namespace}.svc.cluster.local`;
}

it('whoever has dormouse-predict where a model is and where the ingress is can predict, and nothing else', async () => {
  const client = await adminClient();
  await using models = await namespace(client);
  await using around = await namespace(client, 'privileged');
  const user = `predicts-in-${models.name}`;
  for (const { name } of [models, around])
    await kubectl([
      'create',
      'rolebinding',
      'predict',
      `--clusterrole=${role}`,
      `--user=${user}`,
      '-n',
      name,
    ]);
  const can = (right: string, of = models.name) =>
    kubectl(['auth', 'can-i', ...right.split(' '), `--as=${user}`, '-n', of]).catch((error) => String(error));
  await expect.poll(() => can('get inferencemodels'), { timeout: 10_000 }).toContain('yes');

  const iris = manifest(
    { container: { image: 'registry.example/iris:1', protocol: 'v1' } },
    { namespace: models.name },
  );
  await client.apply(modelResource, iris as never, { fieldManager: 'user' });
  const status = { observedGeneration: 1, address: { url: `http://iris.${models.name}.svc.cluster.local` } };
  await client.applyStatus(modelResource, { ...iris, spec: undefined, status } as never, {
    fieldManager: 'status',
  });
  const alias = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'iris', namespace: models.name },
    spec: { type: 'ExternalName', externalName: await ingress(client, around.name) },
  };
  await client.apply(coreServiceResource, alias, { fieldManager: 'user', force: true });

  const config = parse(readFileSync(cluster().kubeconfig, 'utf8'));
  for (const { user: credentials } of config.users) credentials.as = user;
  const kubeconfig = await scratch('kubeconfig', JSON.stringify(config));
  const started = new Date();
  const { stderr } = await run([
    'predict',
    'iris',
    '--rows',
    '[[1]]',
    '-n',
    models.name,
    '--kubeconfig',
    kubeconfig,
  ]);
  // This is as far as it goes without a kubelet.
  expect(stderr).toContain(`through the API server and pod ${around.name}/gateway`);
  // Afterwards the cause is looked for as far as the user may see it.
  const asked = (await auditOf(user, started)).filter(({ allowed }) => allowed);
  const used = new Set(
    asked
      .filter(({ objectRef }) => objectRef.namespace)
      .map(
        ({ verb, objectRef: { resource, subresource } }) =>
          `${verb} ${[resource, subresource].filter(Boolean).join('/')}`,
      ),
  );
  expect([...used, fromNewerVersions].sort()).toEqual(granted().sort());

  for (const right of [
    'list imodel',
    'patch imodel',
    'delete imodel',
    'get secrets',
    'list services',
    'get pods/log',
    'create pods/exec',
    'delete pods',
  ])
    for (const { name } of [models, around]) expect(await can(right, name), right).not.toMatch(/^yes/m);
});
