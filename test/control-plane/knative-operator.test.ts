import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { KubernetesObject } from '#kube/client/objects.ts';
import { configMapResource, crdResource } from '#kube/client/objects.ts';
import type { RestClient } from '#kube/client/rest.ts';
import { sourceFolders } from '../cluster/gomodules.ts';
import { adminClient, kubectl } from '../support/cluster.ts';
import { dormouse } from '../support/dormouse.ts';
import { manifest } from '../support/models.ts';
import { configured } from '../support/settings.ts';

const servings = {
  group: 'operator.knative.dev',
  version: 'v1beta1',
  plural: 'knativeservings',
  namespaced: true,
};
const user = { fieldManager: 'user' };
const knative = { namespace: 'knative-serving', name: 'knative-serving' };
const flags = { namespace: knative.namespace, name: 'config-features' };

interface KnativeServing extends KubernetesObject {
  readonly spec?: { readonly config?: Readonly<Record<string, Readonly<Record<string, string>>>> };
}

/** A cluster whose Knative is kept by Knative's operator: the object and who owns a setting; the operator itself does not run. */
async function keptByOperator(client: RestClient): Promise<AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const { 'knative.dev/operator': folder } = await sourceFolders('operator', ['knative.dev/operator']);
  const file = join(folder, 'config/crd/bases/operator.knative.dev_knativeservings.yaml');
  // By kubectl: its YAML is one that not every parser takes.
  const crd = JSON.parse(await kubectl(['create', '--dry-run=client', '--output=json', '-f', file]));
  delete crd.spec.conversion;
  await client.create(crdResource, crd, user);
  stack.defer(() => client.delete(crdResource, crd.metadata));
  await kubectl(['wait', '--for=condition=Established', `crd/${crd.metadata.name}`, '--timeout=60s']);
  const { apiVersion, kind } = { apiVersion: 'operator.knative.dev/v1beta1', kind: 'KnativeServing' };
  const config = { features: { 'kubernetes.podspec-tolerations': 'enabled' } };
  const serving = { apiVersion, kind, metadata: knative, spec: { config } };
  const { metadata } = await client.create(servings, serving as KubernetesObject, user);
  const owns = (ownerReferences: object[]) =>
    client.patch(configMapResource, flags, { metadata: { ownerReferences } }, user);
  await owns([{ apiVersion, kind, name: knative.name, uid: metadata.uid }]);
  // Before its owner goes, or Kubernetes takes the ConfigMap too.
  stack.defer(() => owns([]).then(() => {}));
  return stack.move();
}

it("doctor changes a setting in the object of Knative's operator, where that one keeps the settings", async () => {
  const client = await adminClient();
  await using _ = await configured(client, 'config-features', { 'multi-container': 'disabled' });
  await using __ = await keptByOperator(client);
  const folder = await mkdtemp(join(tmpdir(), 'dormouse-doctor-'));
  try {
    const file = join(folder, 'model.json');
    const spec = { model: { format: 'sklearn', uri: 's3://models/iris' } };
    await writeFile(file, JSON.stringify(manifest(spec, { namespace: 'default' })));
    const { stderr } = await dormouse(['doctor', '-f', file, '--fix', '--yes']).catch(
      // Other things are wrong with a control plane alone.
      (error: { stderr: string; code: number }) => error,
    );
    const patch = '{"spec":{"config":{"features":{"kubernetes.podspec-init-containers":"enabled"}}}}';
    expect(stderr).toContain(
      `kubectl patch knativeserving knative-serving -n knative-serving --type merge -p '${patch}'`,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
  const changed = await client.get<KnativeServing>(servings, knative);
  expect(changed.spec?.config).toEqual({
    features: {
      'kubernetes.podspec-tolerations': 'enabled',
      'kubernetes.podspec-init-containers': 'enabled',
    },
  });
});
