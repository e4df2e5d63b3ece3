import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { InferenceModelSpecInput } from '#api/v1alpha1/spec.ts';
import { operatorImage } from '#base/image.ts';
import { openBaseline } from '#cli/cluster/baseline.ts';
import { diff } from '#cli/diff/diff.ts';
import { render } from '#cli/render/render.ts';
import type { KnativeServiceObject } from '#knative/objects.ts';
import { serviceResource } from '#knative/objects.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import { deploymentResource, isSubset } from '#kube/client/objects.ts';
import { modelResource } from '#operator/resources.ts';
import { none, podRequests, quantities, times } from '#plan/amounts.ts';
import { adminClient, cluster } from '../support/cluster.ts';
import { manifest } from '../support/models.ts';
import { namespace } from '../support/namespace.ts';
import { runOperator } from '../support/operator.ts';
import { waitFor } from '../support/wait.ts';

interface Deployment extends KubernetesObject {
  readonly spec: { readonly replicas: number; readonly template: { readonly spec: object } };
}
const operatorSettings = { fetcherImage: operatorImage, allowance: {} };
const silent = () => {};

/** What `dormouse diff` and `dormouse render --baseline cluster` say of one model. */
async function held(object: object) {
  const folder = await mkdtemp(join(tmpdir(), 'dormouse-diff-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'model.json');
  await writeFile(file, JSON.stringify(object));
  const baseline = await openBaseline({ source: 'cluster', kubeconfig: cluster().kubeconfig });
  onTestFinished(() => baseline.close());
  const options = { operatorSettings, files: [file], baseline, output: 'json' } as const;
  const { text, code } = await diff(options, silent, (_, words) => words);
  const [rendered] = JSON.parse(await render(options, silent)).items;
  return { ...JSON.parse(text).models[0], code, rendered };
}

it('what diff foretells is what the controller does', async () => {
  const client = await adminClient();
  await using ns = await namespace(client);
  await using _ = await runOperator();
  const key = { namespace: ns.name, name: 'iris' };
  const resources = { requests: { cpu: '300m', memory: '64Mi' } };
  const spec = (tag: number): InferenceModelSpecInput => ({
    container: { image: `dev.local/iris:${tag}` },
    resources,
    scale: { initialReplicas: tag },
  });
  let live: string | undefined;
  for (const tag of [1, 2]) {
    const object = manifest(spec(tag), key);
    const before = await held(object);
    expect(before).toMatchObject({ code: 1, kind: tag === 1 ? 'new' : 'revision', podsStarting: tag });
    expect(before.live).toBe(live);

    await client.apply(modelResource, object as KubernetesObject, { fieldManager: 'user' });
    const service = await waitFor<KnativeServiceObject>(client, serviceResource, key, (found) =>
      isSubset(found?.spec?.template?.metadata, { name: before.revision }),
    );
    const name = `${before.revision}-deployment`;
    const deployment = await waitFor<Deployment>(
      client,
      deploymentResource,
      { ...key, name },
      (found) => !!found,
    );
    const { replicas = 0, template } = deployment?.spec ?? {};
    expect(replicas).toBe(before.podsStarting);
    expect(quantities(times(podRequests(template?.spec, none), replicas))).toEqual(before.requestedMore);

    const after = await held(object);
    expect(after).toMatchObject({ code: 0, kind: 'unchanged', refresh: [] });
    expect(isSubset(service, after.rendered)).toBe(true);
    live = before.revision;
  }
});
