import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { InferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import type { KnativeServiceObject, RevisionObject } from '#knative/objects.ts';
import { revisionResource, serviceResource } from '#knative/objects.ts';
import type { RestClient } from '#kube/client/rest.ts';
import { restricted } from '#synth/pod/container.ts';
import { synthesize } from '#synth/synthesize.ts';
import { adminClient, kubectl } from '../support/cluster.ts';
import { environment } from '../support/environment.ts';
import { model } from '../support/models.ts';
import { namespace } from '../support/namespace.ts';
import { configured } from '../support/settings.ts';
import { waitFor } from '../support/wait.ts';

const options = { fieldManager: 'dormouse', fieldValidation: 'Strict' } as const;

describe('what is synthesized', () => {
  let client: RestClient;
  beforeAll(async () => {
    client = await adminClient();
  });

  const apply = (each: InferenceModel, within = environment()) =>
    client.apply<KnativeServiceObject>(serviceResource, synthesize(each, within), options);

  /** What Knative would make of a container of which nothing is said. */
  const tried = (namespace: string) =>
    client.apply<KnativeServiceObject>(
      serviceResource,
      {
        ...synthesize(model({}, { namespace }), environment()),
        spec: {
          template: { spec: { containers: [{ image: 'dev.local/iris:1', securityContext: restricted }] } },
        },
      },
      { ...options, dryRun: true },
    );

  /** The names of the revisions once Knative has acted on this version of the Service. */
  async function revisionsOf(service: KnativeServiceObject): Promise<string[]> {
    const { namespace: ns = '', name } = service.metadata;
    const wanted = service.spec?.template?.metadata?.name ?? '';
    await waitFor<RevisionObject>(
      client,
      revisionResource,
      { namespace: ns, name: wanted },
      (found) => !!found,
    );
    await waitFor<KnativeServiceObject>(
      client,
      serviceResource,
      { namespace: ns, name },
      (found) => found?.status?.observedGeneration === found?.metadata.generation,
    );
    const { items } = await client.list<RevisionObject>(revisionResource, { namespace: ns });
    return items.map(({ metadata }) => metadata.name).sort();
  }

  it('changes nothing when it is applied again', async () => {
    await using ns = await namespace(client);
    const each = model(
      {
        container: {
          image: 'dev.local/iris:1',
          protocol: 'v2',
          env: [
            { name: 'A', value: 'b' },
            { name: 'NONE', value: '' },
          ],
        },
        resources: { requests: { cpu: '0.5', memory: '1024Mi' }, limits: { memory: '1.5Gi' } },
        scale: { minReplicas: 1, maxReplicas: 3, target: { concurrency: 2.5 } },
        timeouts: { request: '10m', progress: '1h30m' },
      },
      { namespace: ns.name },
    );
    const first = await apply(each);
    const settled = await waitFor<KnativeServiceObject>(
      client,
      serviceResource,
      first.metadata,
      (found) => found?.status?.observedGeneration === first.metadata.generation,
    );
    const second = await apply(each);
    expect(second.metadata.generation).toBe(first.metadata.generation);
    expect(second.spec).toEqual(settled?.spec);
    const said = await kubectl(
      [
        'apply',
        '--server-side',
        '--field-manager=dormouse',
        '--dry-run=server',
        '-f',
        '-',
        '-o',
        'jsonpath={.metadata.generation}',
      ],
      JSON.stringify(synthesize(each, environment())),
    );
    expect(said).toBe(String(first.metadata.generation));
  });

  it('leaves nothing to fill in, whatever the cluster gives to containers', async () => {
    await using ns = await namespace(client);
    const data = Object.fromEntries(
      ['cpu', 'memory', 'ephemeral-storage'].flatMap((name) => [
        [`revision-${name}-request`, name === 'cpu' ? '300m' : '100Mi'],
        [`revision-${name}-limit`, name === 'cpu' ? '2' : '4Gi'],
      ]),
    );
    await using _given = await configured(client, 'config-defaults', data);
    // The webhook reads its settings from a cache.
    await vi.waitUntil(async () => JSON.stringify(await tried(ns.name)).includes('4Gi'), { timeout: 20_000 });
    const each = model(
      { container: undefined, model: { format: 'sklearn', uri: 's3://models/iris' } },
      { namespace: ns.name },
    );
    const settings = environment({ 'config-defaults': data });
    const { template } = synthesize(each, settings).spec;
    expect(template.spec.containers).toHaveLength(2);
    const { spec } = await apply(each, settings);
    expect(spec?.template?.spec).toEqual(template.spec);
  });

  it('keeps text that YAML forbids, or takes for the end of a line, as it is written', async () => {
    await using ns = await namespace(client);
    const env = [{ name: 'A', value: '\u007f\u0080\u0085\u2028\u2029\ufeff\ufffe\uffff' }];
    const odd = model({ container: { image: 'dev.local/iris:1', env } }, { namespace: ns.name });
    const { spec } = await apply(odd);
    expect(spec?.template?.spec?.containers).toMatchObject([{ env }]);
  });

  it('makes one new revision of a change, and none of going back', async () => {
    await using ns = await namespace(client);
    const [blue, green] = ['dev.local/iris:1', 'dev.local/iris:2'].map((image) =>
      model({ container: { image } }, { namespace: ns.name }),
    ) as [InferenceModel, InferenceModel];
    const one = await revisionsOf(await apply(blue));
    expect(one).toHaveLength(1);
    const two = await revisionsOf(await apply(green));
    expect(two).toHaveLength(2);
    expect(two).toContain(one[0]);
    expect(await revisionsOf(await apply(blue))).toEqual(two);
  });
});
