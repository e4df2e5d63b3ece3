import { expect, it, onTestFinished } from 'vitest';
import type { KnativeServiceObject } from '#knative/objects.ts';
import { serviceResource } from '#knative/objects.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import { modelResource } from '#operator/resources.ts';
import { adminClient, kubectl } from '../support/cluster.ts';
import { dormouse } from '../support/dormouse.ts';
import { manifest } from '../support/models.ts';
import { namespace } from '../support/namespace.ts';
import { runOperator } from '../support/operator.ts';
import { waitFor } from '../support/wait.ts';

/** Has the Deployment of the operator say these flags until the test ends. No node is here to run it. */
async function deployedWith(...flags: readonly string[]): Promise<void> {
  const deployment = ['deployment/dormouse', '--namespace=dormouse-system'];
  const path = '/spec/template/spec/containers/0/args';
  const before = await kubectl([
    'get',
    ...deployment,
    '--output=jsonpath={.spec.template.spec.containers[0].args}',
  ]);
  const say = (value: readonly string[]) =>
    kubectl([
      'patch',
      ...deployment,
      '--type=json',
      `--patch=${JSON.stringify([{ op: 'replace', path, value }])}`,
    ]);
  await say(['controller', ...flags]);
  onTestFinished(async () => void (await say(JSON.parse(before))));
}

it.skipIf(process.env.KUBECONFIG)(
  'a model is not behind for the image and the allow-lists that the operator was told by its flags',
  async () => {
    const client = await adminClient();
    await using ns = await namespace(client);
    const fetcherImage = 'registry.example/mirror/dormouse:0.1.0';
    await using _ = await runOperator({ fetcherImage });
    const spec = { model: { format: 'sklearn', uri: 's3://models/iris' } };
    const iris = manifest(spec, { name: 'iris', namespace: ns.name }) as KubernetesObject;
    await client.apply(modelResource, iris, { fieldManager: 'user' });
    await waitFor<KnativeServiceObject>(client, serviceResource, iris.metadata, (found) =>
      JSON.stringify(found?.spec?.template ?? {}).includes(fetcherImage),
    );

    await deployedWith(`--fetcher-image=${fetcherImage}`, '--allow-images=registry.example/*');
    const plan = await dormouse(['upgrade', '--plan', '-n', ns.name]);
    expect(plan).toEqual({ stdout: 'models: 1 current\n', stderr: '' });

    const strange = manifest(
      { container: { image: 'other.example/iris' } },
      { name: 'rose', namespace: ns.name },
    );
    const told = await dormouse(['doctor', '-f', '-'], JSON.stringify(strange)).catch((error) => error);
    expect(told.stdout).toContain('spec.container.image: other.example/iris is not allowed here');
  },
);
