import { apiVersion, inferenceModels } from '../api/group.ts';
import { parseInferenceModel } from '../api/inferencemodel.ts';
import { ProblemsError } from '../api/problems.ts';
import { catalogue } from '../catalogue.ts';
import { operatorImage } from '../image.ts';
import { keyOf } from '../kube/objects.ts';
import { shipped } from '../synth/capabilities.ts';
import type { Environment } from '../synth/environment.ts';
import { synthesize } from '../synth/synthesize.ts';
import { readDocuments, type SourceDocument } from './documents.ts';
import { PlainError } from './errors.ts';
import { printDocument } from './yaml.ts';

/**
 * The Knative Services of the InferenceModels in some files, as a YAML stream: what the controller would make of them
 * on a cluster with Knative as shipped, where nothing of them runs yet.
 * @throws PlainError with a sentence for each part of a model that is wrong; then nothing is rendered
 */
export async function render(files: readonly string[], talk: (line: string) => void): Promise<string> {
  const documents = (await Promise.all(files.map(readDocuments))).flat();
  const models = documents.filter(isModel);
  for (const { where } of documents.filter((document) => !isModel(document)))
    talk(`${where}: not an InferenceModel of ${apiVersion}, left out`);
  if (models.length === 0) throw new PlainError(`no InferenceModel of ${apiVersion} in ${files.join(', ')}`);
  const environment = {
    capabilities: shipped,
    runtimes: catalogue(),
    fetcherImage: operatorImage,
    allowance: {},
  };
  const problems: string[] = [];
  const rendered = new Set<string>();
  const services = models.flatMap((document) => {
    try {
      const service = renderOne(document, environment);
      const key = keyOf(service.metadata);
      if (rendered.has(key)) throw new ProblemsError([`metadata.name: appears twice: ${key}`]);
      rendered.add(key);
      return [service];
    } catch (error) {
      if (!(error instanceof ProblemsError)) throw error;
      problems.push(...error.problems.map((problem) => `${document.where}: ${problem}`));
      return [];
    }
  });
  if (problems.length > 0) throw new PlainError(problems.join('\n'));
  talk(
    'rendered without a cluster: revisions that run there are not held, and its own defaults are not known',
  );
  return services.map(printDocument).join('---\n');
}

function isModel({ value }: SourceDocument): boolean {
  const { apiVersion: version, kind } = (value ?? {}) as Record<string, unknown>;
  return version === apiVersion && kind === inferenceModels.kind;
}

function renderOne({ value }: SourceDocument, environment: Environment) {
  const { metadata, ...model } = parseInferenceModel(value);
  // Git knows no uid, so what is rendered for Git has no owner.
  const { uid: _, ...named } = metadata;
  return synthesize({ ...model, metadata: named }, environment);
}
