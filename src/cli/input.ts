import { apiVersion, inferenceModels, inferenceRuntimes } from '../api/group.ts';
import { type InferenceModel, parseInferenceModel } from '../api/inferencemodel.ts';
import { ProblemsError } from '../api/problems.ts';
import { type InferenceRuntime, parseInferenceRuntime } from '../api/runtime.ts';
import { keyOf } from '../kube/objects.ts';
import { readDocuments, type SourceDocument } from './documents.ts';
import { filesOf } from './files.ts';
import type { Talk } from './terminal.ts';

/** What an object of the input is: one of ours, or somebody else's. */
export type InputObject =
  | { readonly type: 'model'; readonly where: string; readonly model: InferenceModel }
  | { readonly type: 'runtime'; readonly where: string; readonly runtime: InferenceRuntime }
  | {
      readonly type: 'refused';
      readonly where: string;
      /** Nothing of it has been checked. */
      readonly value: unknown;
      readonly problems: readonly string[];
    }
  | { readonly type: 'other'; readonly where: string; readonly value: object };

/**
 * The objects in some files and folders, in their order.
 * @throws PlainError where a file cannot be read
 */
export async function readInput(paths: readonly string[], talk: Talk): Promise<InputObject[]> {
  const files = await filesOf(paths);
  const documents = (await Promise.all(files.map(readDocuments))).flat();
  return documents.flatMap((document) => {
    const object = objectOf(document);
    if (!object)
      talk(`${document.where}: has no apiVersion and kind, so is no object of Kubernetes: left out`);
    return object ?? [];
  });
}

function objectOf({ where, value }: SourceDocument): InputObject | undefined {
  const { apiVersion: version, kind } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof version !== 'string' || typeof kind !== 'string') return undefined;
  try {
    if (version === apiVersion && kind === inferenceModels.kind)
      return { type: 'model', where, model: withoutUid(parseInferenceModel(value)) };
    if (version === apiVersion && kind === inferenceRuntimes.kind)
      return { type: 'runtime', where, runtime: parseInferenceRuntime(value) };
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    return { type: 'refused', where, value, problems: error.problems };
  }
  return { type: 'other', where, value: value as object };
}

/** A file says nothing of which uid a model has in a cluster, though somebody may have saved it from another one. */
function withoutUid({ metadata: { uid: _, ...metadata }, ...model }: InferenceModel): InferenceModel {
  return { ...model, metadata };
}

/**
 * The same, with a namespace for models that name none; one that appears again is refused.
 */
export function inNamespace(
  input: readonly InputObject[],
  namespace: string | undefined,
): readonly InputObject[] {
  const seen = new Set<string>();
  return input.map((object) => {
    if (object.type !== 'model') return object;
    const { where, model } = object;
    const metadata = { ...(namespace !== undefined && { namespace }), ...model.metadata };
    const key = keyOf(metadata as { name: string });
    if (seen.has(key))
      return { type: 'refused', where, value: model, problems: [`metadata.name: appears twice: ${key}`] };
    seen.add(key);
    return { type: 'model', where, model: { ...model, metadata } };
  });
}

/** Where the models of the input are. */
export const namespacesOf = (input: readonly InputObject[]): string[] => [
  ...new Set(
    input.flatMap((object) => (object.type === 'model' ? (object.model.metadata.namespace ?? []) : [])),
  ),
];

/** The runtimes to choose from: those of the input go before others of their name. */
export function withRuntimes(
  known: readonly InferenceRuntime[],
  input: readonly InputObject[],
): InferenceRuntime[] {
  const given = input.flatMap((object) => (object.type === 'runtime' ? [object.runtime] : []));
  const replaced = new Set(given.map(({ name }) => name));
  return [...known.filter(({ name }) => !replaced.has(name)), ...given];
}
