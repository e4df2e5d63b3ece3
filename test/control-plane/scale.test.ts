import { expect, it } from 'vitest';
import {
  type KnativeServiceObject,
  type RevisionObject,
  revisionResource,
  serviceResource,
} from '#knative/objects.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import { modelResource } from '#operator/resources.ts';
import { adminClient, kubectl } from '../support/cluster.ts';
import { type Model, manifest } from '../support/models.ts';
import { namespace } from '../support/namespace.ts';
import { runOperator } from '../support/operator.ts';
import { waitFor } from '../support/wait.ts';

it('kubectl scale sets the least pods of a model, which a later apply of its file leaves alone', async () => {
  const client = await adminClient();
  await using ns = await namespace(client);
  await using _ = await runOperator();
  const name = { namespace: ns.name, name: 'iris' };
  const spec = { container: { image: 'dev.local/iris:1' }, scale: { maxReplicas: 3 } };
  const object = manifest(spec, { namespace: ns.name }) as KubernetesObject;
  const apply = () => client.apply<Model>(modelResource, object, { fieldManager: 'user' });
  const scale = (replicas: number) =>
    kubectl(['scale', 'imodel', 'iris', `--namespace=${ns.name}`, `--replicas=${replicas}`]);
  // Bounds are written onto the live revision, for which no new one is made.
  const minScale = (wanted: string | undefined) =>
    waitFor<RevisionObject>(client, revisionResource, revision, (found) => {
      const { metadata } = found ?? {};
      return metadata !== undefined && metadata.annotations?.['autoscaling.knative.dev/min-scale'] === wanted;
    });

  await apply();
  const service = await waitFor<KnativeServiceObject>(
    client,
    serviceResource,
    name,
    (found) => found !== undefined,
  );
  const revision = { namespace: ns.name, name: service?.spec?.template?.metadata?.name ?? '' };
  await minScale(undefined);
  await scale(2);
  await minScale('2');
  await apply();
  await expect(scale(4)).rejects.toThrow('has minReplicas above maxReplicas');
  expect(await client.get(modelResource, name)).toMatchObject({ spec: { scale: { minReplicas: 2 } } });
  await scale(0);
  await minScale(undefined);
});
