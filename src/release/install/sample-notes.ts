import { apiVersion, inferenceModels, inferenceProfiles } from '#api/group.ts';
import { parseInferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import { parseInferenceProfile } from '#api/v1alpha1/profile.ts';
import { operatorImage } from '#base/image.ts';
import { catalogue } from '#catalogue/catalogue.ts';
import { shipped } from '#knative/capabilities.ts';
import { synthesize } from '#synth/synthesize.ts';
import { UnsupportedError } from '#synth/unsupported.ts';
import type { SampleObjects } from './samples.ts';

/** What stands above a sample, as comments of YAML: the flags of Knative that it needs, and what is to know. */
export function sampleNotes(name: string, objects: SampleObjects): string {
  const flags = flagsOf(name, objects);
  const needed = flags.length > 0 ? [`Needs Knative's flags (docs/flags.md): ${flags.join(', ')}.`] : [];
  return [...needed, ...(objects.notes ?? [])].map((line) => `# ${line}\n`).join('');
}

/** The flags for want of which a Knative as it ships takes no such model. */
function flagsOf(name: string, { model, profile }: SampleObjects): string[] {
  const profiles = profile
    ? [{ apiVersion, kind: inferenceProfiles.kind, metadata: { name: profile.name }, spec: profile.spec }]
    : [];
  try {
    synthesize(
      parseInferenceModel({ apiVersion, kind: inferenceModels.kind, metadata: { name }, spec: model }),
      {
        capabilities: shipped,
        runtimes: catalogue(),
        profiles: profiles.map(parseInferenceProfile),
        fetcherImage: operatorImage,
        allowance: {},
      },
    );
    return [];
  } catch (error) {
    if (error instanceof UnsupportedError && error.settings.length > 0)
      return error.settings.map(({ key }) => key);
    throw error;
  }
}
