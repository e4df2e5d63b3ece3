import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { parseInferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import { podFields } from '#api/v1alpha1/pod-fields.ts';
import { parseInferenceProfile } from '#api/v1alpha1/profile.ts';
import { synthesize } from '#synth/synthesize.ts';
import { environment } from './support/environment.ts';

const folder = join(import.meta.dirname, '../manifests/samples');

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

/** The flags of Knative that samples say they need; the others run on a Knative as it ships. */
const flags: Readonly<Record<string, readonly string[]>> = {
  'node-pool.yaml': [podFields.nodeSelector.flag, podFields.tolerations.flag],
};

it.each(readdirSync(folder))('the sample %s becomes a Knative Service as it stands', (file) => {
  const text = readFileSync(join(folder, file), 'utf8');
  const objects = [...parseAllDocuments(text)].map((document) => document.toJS() as Manifest);
  const of = (kind: string) => objects.filter((object) => object.kind === kind);
  const features = Object.fromEntries((flags[file] ?? []).map((flag) => [flag, 'enabled']));
  const around = {
    ...environment({ 'config-features': features }),
    profiles: of('InferenceProfile').map(parseInferenceProfile),
  };
  const models = of('InferenceModel').map(parseInferenceModel);
  expect(models).toHaveLength(1);
  for (const model of models) {
    expect(synthesize(model, around).metadata.name).toBe(model.metadata.name);
    const { secretRef } = model.spec.model?.credentials ?? {};
    if (secretRef) expect(of('Secret').map(({ metadata }) => metadata.name)).toContain(secretRef.name);
  }
});
