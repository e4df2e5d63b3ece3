import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { InferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import type { KnativeServiceObject } from '#knative/objects.ts';
import { serviceResource } from '#knative/objects.ts';
import type { RestClient } from '#kube/client/rest.ts';
import { synthesize } from '#synth/synthesize.ts';
import { adminClient } from '../support/cluster.ts';
import { type Golden, goldens } from '../support/goldens.ts';
import { namespace } from '../support/namespace.ts';
import { configured } from '../support/settings.ts';
import { waitFor } from '../support/wait.ts';

const options = { fieldManager: 'dormouse', fieldValidation: 'Strict' } as const;

/** In a namespace of the test, and of no model: nothing would keep a Service whose owner there never was. */
const inNamespace = ({ metadata: { uid: _, ...metadata }, ...model }: InferenceModel, ns: string) => ({
  ...model,
  metadata: { ...metadata, namespace: ns },
});

describe('what is made of a model is fully written out: Knative fills nothing in', () => {
  let client: RestClient;
  beforeAll(async () => {
    client = await adminClient();
  });

  /** Until the webhook, which reads its settings from a cache, takes what these settings allow. */
  const applied = (service: object) =>
    vi.waitFor(() => client.apply<KnativeServiceObject>(serviceResource, service as never, options), {
      timeout: 20_000,
      interval: 500,
    });

  it.each(goldens)('$name', async ({ model, environment, settings }: Golden) => {
    await using ns = await namespace(client);
    await using stack = new AsyncDisposableStack();
    for (const [name, data] of Object.entries(settings))
      stack.use(await configured(client, name as Parameters<typeof configured>[1], data));
    const service = synthesize(inNamespace(model, ns.name), environment);
    const first = await applied(service);
    expect(first.spec).toEqual(service.spec);
    const settled = await waitFor<KnativeServiceObject>(
      client,
      serviceResource,
      first.metadata,
      (found) => found?.status?.observedGeneration === first.metadata.generation,
    );
    const second = await applied(service);
    expect(second.metadata.generation).toBe(settled?.metadata.generation);
    expect(second.spec).toEqual(service.spec);
  });
});
