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

interface Server {
  readonly resources: { readonly limits?: Readonly<Record<string, string>> };
}

interface Sample {
  readonly text: string;
  readonly objects: readonly Manifest[];
}

function readSample(file: string): Sample {
  const text = readFileSync(join(folder, file), 'utf8');
  return { text, objects: parseAllDocuments(text).map((document) => document.toJS() as Manifest) };
}

const ofKind = ({ objects }: Sample, kind: string) => objects.filter((object) => object.kind === kind);

/** The flags of Knative that the comments of a sample name; those that name none run on a Knative as it ships. */
const flagsNamed = ({ text }: Sample) =>
  Object.values(podFields)
    .map(({ flag }) => flag)
    .filter((flag) => new RegExp(`^#.*\\b${flag}[,.]`, 'm').test(text));

/** What a Knative with these flags makes of a sample. */
function synthesized(sample: Sample, flags: readonly string[]) {
  const features = Object.fromEntries(flags.map((flag) => [flag, 'enabled']));
  const around = {
    ...environment({ 'config-features': features }),
    profiles: ofKind(sample, 'InferenceProfile').map(parseInferenceProfile),
  };
  const models = ofKind(sample, 'InferenceModel').map(parseInferenceModel);
  expect(models).toHaveLength(1);
  return models.map((model) => ({ model, service: synthesize(model, around) }));
}

it.each(readdirSync(folder))('the sample %s becomes a Knative Service as it stands', (file) => {
  const sample = readSample(file);
  for (const { model, service } of synthesized(sample, flagsNamed(sample))) {
    expect(service.metadata.name).toBe(model.metadata.name);
    const { secretRef } = model.spec.model?.credentials ?? {};
    if (secretRef)
      expect(ofKind(sample, 'Secret').map(({ metadata }) => metadata.name)).toContain(secretRef.name);
  }
});

it.each(readdirSync(folder))('the sample %s names no flag of Knative that it does not need', (file) => {
  const sample = readSample(file);
  const named = flagsNamed(sample);
  for (const flag of named)
    expect(
      () =>
        synthesized(
          sample,
          named.filter((other) => other !== flag),
        ),
      flag,
    ).toThrow(flag);
});

it('profiles of hardware ask for the devices that their models are served on', () => {
  const served = readdirSync(folder).flatMap((file) => {
    const sample = readSample(file);
    return synthesized(sample, flagsNamed(sample)).flatMap(({ service }) => {
      const { annotations } = service.spec.template.metadata;
      const { containers } = service.spec.template.spec as { containers: readonly Server[] };
      const devices = Object.keys(containers[0]?.resources.limits ?? {}).filter((name) => name.includes('/'));
      return devices.map((device) => [file, device, annotations['dormouse.dev/runtime']?.split('@')[0]]);
    });
  });
  expect(served).toEqual([
    ['amd-mi300x.yaml', 'amd.com/gpu', 'vllm-rocm'],
    ['intel-gaudi.yaml', 'habana.ai/gaudi', 'vllm'],
    ['nvidia-80gb.yaml', 'nvidia.com/gpu', 'vllm'],
    ['nvidia-l4.yaml', 'nvidia.com/gpu', 'vllm'],
    ['nvidia-mig.yaml', 'nvidia.com/mig-1g.10gb', 'llama-cpp-cuda'],
  ]);
});
