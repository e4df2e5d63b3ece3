import fc from 'fast-check';
import { expect, it } from 'vitest';
import { InvalidObjectError } from '#api/schema/parse.ts';
import { type InferenceModel, parseInferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import { serviceResource } from '#knative/objects.ts';
import { ApiError } from '#kube/client/errors.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import { modelResource } from '#operator/resources.ts';
import { synthesize } from '#synth/synthesize.ts';
import { UnsupportedError } from '#synth/unsupported.ts';
import { objectNames } from '../support/arbitraries/names.ts';
import { modelName, modelSpec } from '../support/arbitraries/spec.ts';
import { adminClient, kubectl } from '../support/cluster.ts';
import { environment } from '../support/environment.ts';
import { manifest } from '../support/models.ts';
import { namespace } from '../support/namespace.ts';

/** What is wrong with a model, or nothing. */
type Verdict = string | undefined;

const runs = Number(process.env.RUNS ?? 400);
const options = { fieldManager: 'dormouse', dryRun: true, fieldValidation: 'Strict' } as const;

it('the CRD and zod refuse the same models, and Knative none that both accept', async () => {
  const client = await adminClient();
  await using ns = await namespace(client, 'privileged');
  // Knative tries the pod too, and a pod needs its ServiceAccount.
  const accounts = { group: '', version: 'v1', plural: 'serviceaccounts', namespaced: true };
  for (const name of objectNames)
    await client.create(accounts, { metadata: { name, namespace: ns.name } }, { fieldManager: 'test' });

  async function crd(object: KubernetesObject): Promise<Verdict> {
    return verdict(() => client.create(modelResource, object, options), ApiError);
  }
  const zod = (object: unknown): Promise<Verdict> =>
    verdict(async () => parseInferenceModel(object), InvalidObjectError);
  const knative = (service: KubernetesObject): Promise<Verdict> =>
    verdict(() => client.apply(serviceResource, service, options), ApiError);

  let accepted = 0;
  let reached = 0;
  await fc.assert(
    fc.asyncProperty(modelName, modelSpec, async (name, spec) => {
      const object = manifest(spec, { name, namespace: ns.name });
      const refused = { crd: await crd(object), zod: await zod(object) };
      expect(refused, 'zod and the CRD must agree').toSatisfy(() => !refused.crd === !refused.zod);
      if (refused.zod) return;
      accepted += 1;
      const model = parseInferenceModel(object);
      const service = synthesized(model);
      if (!service) return;
      reached += 1;
      expect(await knative(service)).toBeUndefined();
    }),
    { numRuns: runs },
  );
  console.log(`${runs} models: ${accepted} accepted by the CRD, ${reached} of them by Knative's webhook`);
  expect(reached / runs, 'share of models that reach Knative').toBeGreaterThan(0.3);
});

/** The Service of a model, or nothing where a cluster as shipped would not run it. */
function synthesized(model: InferenceModel) {
  try {
    return synthesize(model, environment());
  } catch (error) {
    if (error instanceof UnsupportedError) return undefined;
    throw error;
  }
}

async function verdict(
  ask: () => Promise<unknown>,
  refusal: typeof ApiError | typeof InvalidObjectError,
): Promise<Verdict> {
  try {
    await ask();
    return undefined;
  } catch (error) {
    if (error instanceof refusal) return error.message;
    throw error;
  }
}

it('kubectl shows a sentence for what is wrong, and where', async () => {
  const object = manifest(
    {
      container: { image: 'a b', port: 9090 },
      scale: { window: '5s' },
      resources: { limits: { memory: '512m', 'ephemeral-storage': '1 Gi' } },
    },
    { name: 'Iris' },
  );
  const said = await kubectl(['apply', '-f', '-'], JSON.stringify(object)).catch(({ stderr }) => stderr);
  // Older API servers show a field's type, newer ones its value.
  expect(said).toMatch(/spec.container.image: Invalid value: ("string"|"a b"): must be an image reference/);
  expect(said).toMatch(
    /spec.container.port: Invalid value: ("integer"|9090): is kept for Knative's queue-proxy in the same pod/,
  );
  expect(said).toMatch(/spec.resources.limits.*memory.*: must be 1Mi or more/);
  expect(said).toMatch(/spec.resources.limits.*ephemeral-storage.*: must be an amount of bytes/);
  expect(said).toMatch(/spec.scale.window: Invalid value: ("string"|"5s"): must be a duration from 6s to 1h/);
});
