import { beforeAll, describe, expect, it } from 'vitest';
import type { InferenceModelSpecInput } from '#api/v1alpha1/spec.ts';
import type { KnativeServiceObject } from '#knative/objects.ts';
import { serviceResource } from '#knative/objects.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import type { RestClient } from '#kube/client/rest.ts';
import { modelResource, runtimeResource } from '#operator/resources.ts';
import { adminClient } from '../support/cluster.ts';
import { type Model, manifest } from '../support/models.ts';
import { namespace } from '../support/namespace.ts';
import { runOperator } from '../support/operator.ts';
import { configured } from '../support/settings.ts';
import { waitFor } from '../support/wait.ts';

const user = { fieldManager: 'user' };
const sklearn: InferenceModelSpecInput = { model: { format: 'sklearn', uri: 's3://models/iris' } };

describe('a model served by a runtime', () => {
  let client: RestClient;
  beforeAll(async () => {
    client = await adminClient();
  });

  const apply = (namespace: string, spec: InferenceModelSpecInput) =>
    client.apply<Model>(modelResource, manifest(spec, { namespace }) as KubernetesObject, user);

  const service = (namespace: string, check: (found: KnativeServiceObject | undefined) => boolean) =>
    waitFor<KnativeServiceObject>(client, serviceResource, { namespace, name: 'iris' }, check);

  const accepted = (namespace: string, wanted: 'True' | 'False') =>
    waitFor<Model>(client, modelResource, { namespace, name: 'iris' }, (found) =>
      (found?.status?.conditions ?? []).some(({ type, status }) => type === 'Accepted' && status === wanted),
    );

  const message = (model: Model | undefined) =>
    model?.status?.conditions?.find(({ type }) => type === 'Accepted')?.message;

  const annotation = (found: KnativeServiceObject | undefined, name: string) =>
    found?.spec?.template?.metadata?.annotations?.[`dormouse.dev/${name}`];

  it("is accepted by Knative's webhook in each way of delivery", async () => {
    await using ns = await namespace(client);
    await using _ = await runOperator();
    await apply(ns.name, sklearn);
    const beside = await service(ns.name, (found) => found !== undefined);
    expect(annotation(beside, 'delivery')).toBe('Sidecar');
    expect(annotation(beside, 'runtime')).toMatch(/^mlserver-sklearn@/);

    await using _allowed = await configured(client, 'config-features', {
      'kubernetes.podspec-init-containers': 'enabled',
    });
    await apply(ns.name, { ...sklearn, model: { format: 'sklearn', uri: 's3://models/iris/v2' } });
    await service(ns.name, (found) => annotation(found, 'delivery') === 'InitContainer');
  });

  it('is refused with what would do, and made once its runtime is there; a changed runtime restarts nothing', async () => {
    const name = `test-${Date.now().toString(36)}`;
    const runtime = (version: string) =>
      client.apply(
        runtimeResource,
        {
          apiVersion: 'dormouse.dev/v1alpha1',
          kind: 'InferenceRuntime',
          metadata: { name },
          spec: {
            version,
            maturity: 'Experimental',
            formats: [{ name }],
            container: { image: 'dev.local/server:1', command: ['serve', '$(MODEL_DIR)'] },
          },
        } as KubernetesObject,
        user,
      );
    await using ns = await namespace(client);
    await using _ = await runOperator();
    await apply(ns.name, { model: { format: name, uri: 's3://models/iris' } });
    expect(message(await accepted(ns.name, 'False'))).toContain(
      `no runtime serves ${name}; those here serve `,
    );

    await runtime('1');
    try {
      await accepted(ns.name, 'True');
      const made = await service(ns.name, (found) => annotation(found, 'runtime') === `${name}@1`);
      await runtime('2');
      // A new model that gets the new version shows that the operator knows it by now.
      for (let count = 0, version = ''; version !== `${name}@2`; count += 1) {
        const other = { namespace: ns.name, name: `other-${count}` };
        const spec = { model: { format: name, uri: 's3://models/other' } };
        await client.apply(modelResource, manifest(spec, other) as KubernetesObject, user);
        const found = await waitFor<KnativeServiceObject>(client, serviceResource, other, (found) => !!found);
        version = annotation(found, 'runtime') ?? '';
      }
      const held = await service(ns.name, (found) => found !== undefined);
      expect(held?.metadata.generation).toBe(made?.metadata.generation);
    } finally {
      await client.delete(runtimeResource, { name });
    }
  });
});
