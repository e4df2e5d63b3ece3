import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { type InferenceModel, parseInferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import { parseInferenceProfile } from '#api/v1alpha1/profile.ts';
import { parseInferenceRuntime } from '#api/v1alpha1/runtime.ts';
import type { Environment } from '#synth/environment.ts';
import { environment } from './environment.ts';

const folder = join(import.meta.dirname, '../synth/golden');

/** A model, the cluster that it is made for, and the file with what comes out. */
export interface Golden {
  readonly name: string;
  readonly model: InferenceModel;
  readonly environment: Environment;
  /** The data of Knative's ConfigMaps, by their names. */
  readonly settings: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly service: string;
}

interface Document {
  readonly kind?: string;
  readonly metadata?: { readonly name?: string };
  readonly data?: Readonly<Record<string, string>>;
}

/** Each golden: beside its model its file may have ConfigMaps of Knative, and runtimes and profiles of its own. */
export const goldens: readonly Golden[] = readdirSync(folder)
  .filter((file) => file.endsWith('.model.yaml'))
  .map((file) => {
    const name = file.replace('.model.yaml', '');
    const documents = parseAllDocuments(readFileSync(join(folder, file), 'utf8')).map(
      (document) => document.toJS() as Document,
    );
    const ofKind = (kind: string) => documents.filter((document) => document.kind === kind);
    const settings = Object.fromEntries(
      ofKind('ConfigMap').map(({ metadata, data }) => [metadata?.name ?? '', data ?? {}]),
    );
    const known = environment(settings);
    const runtimes = [...ofKind('InferenceRuntime').map(parseInferenceRuntime), ...known.runtimes];
    const profiles = ofKind('InferenceProfile').map(parseInferenceProfile);
    const [model] = ofKind('InferenceModel').map(parseInferenceModel);
    if (!model) throw new Error(`${file} has no InferenceModel`);
    return {
      name,
      model,
      environment: { ...known, runtimes, profiles },
      settings,
      service: join(folder, `${name}.service.yaml`),
    };
  });
