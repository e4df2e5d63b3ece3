import {
  apiVersion,
  inferenceModels,
  inferenceProfiles,
  inferenceRuntimes,
  group as ourGroup,
} from '#api/group.ts';
import { anyOf } from '#api/schema/messages.ts';
import { type InferenceModel, parseInferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import { type InferenceProfile, parseInferenceProfile } from '#api/v1alpha1/profile.ts';
import { type InferenceRuntime, parseInferenceRuntime } from '#api/v1alpha1/runtime.ts';
import { ProblemsError } from '#base/problems.ts';
import { type KubernetesObject, keyOf, type NamespacedName } from '#kube/client/objects.ts';
import type { Environment } from '#synth/environment.ts';
import type { Log } from '../terminal/terminal.ts';
import { readDocuments, type SourceDocument } from './documents.ts';
import { filesOf } from './files.ts';

/** What an object of the input is: one of ours, or of another API. */
export type InputObject =
  | { readonly type: 'model'; readonly where: string; readonly model: InferenceModel }
  | { readonly type: 'runtime'; readonly where: string; readonly runtime: InferenceRuntime }
  | { readonly type: 'profile'; readonly where: string; readonly profile: InferenceProfile }
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
export async function readInput(paths: readonly string[], log: Log): Promise<InputObject[]> {
  const files = await filesOf(paths);
  const documents = (await Promise.all(files.map(readDocuments))).flat();
  return documents.flatMap((document) => {
    const object = objectOf(document);
    if (!object)
      log(`${document.where}: has no apiVersion and kind, so is no object of Kubernetes: left out`);
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
    if (version === apiVersion && kind === inferenceProfiles.kind)
      return { type: 'profile', where, profile: parseInferenceProfile(value) };
    refuseMistaken(version, kind);
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    return { type: 'refused', where, value, problems: error.problems };
  }
  return { type: 'other', where, value: value as object };
}

/** @throws ProblemsError for what is meant to be one of ours, as no other tool would look at it */
function refuseMistaken(version: string, kind: string): void {
  const [group = ''] = version.toLowerCase().split('/');
  const meant = kinds.filter((known) => singular(known) === singular(kind));
  if (group !== ourGroup && !(group.includes('dormouse') && meant.length > 0)) return;
  const choice = anyOf(meant.length > 0 ? meant : kinds);
  throw new ProblemsError([
    `apiVersion, kind: there is no ${kind} of ${version}: write apiVersion: ${apiVersion} and kind: ${choice}`,
  ]);
}

const kinds = [inferenceModels.kind, inferenceRuntimes.kind, inferenceProfiles.kind];
const singular = (kind: string) => kind.toLowerCase().replace(/s$/, '');

/** A file says nothing of which uid a model has in a cluster, though a user may have saved it from another one. */
function withoutUid({ metadata: { uid: _, ...metadata }, ...model }: InferenceModel): InferenceModel {
  return { ...model, metadata };
}

/** The same, with a namespace for models that name none. What would be made twice is refused. */
export function inNamespace(
  input: readonly InputObject[],
  namespace: string | undefined,
): readonly InputObject[] {
  const placed = <T extends { readonly name: string }>(metadata: T) => ({
    ...(namespace !== undefined && { namespace }),
    ...metadata,
  });
  const services = new Map(
    input.flatMap((object) =>
      object.type === 'other' && isService(object.value)
        ? [[keyOf(placed(object.value.metadata)), object.where]]
        : [],
    ),
  );
  const first = new Map<string, string>();
  const unique = (object: InputObject, metadata: InferenceModel['metadata']): InputObject => {
    const { type, where } = object;
    const key = keyOf(metadata as NamespacedName);
    const earlier = first.get(`${type} ${key}`);
    first.set(`${type} ${key}`, earlier ?? where);
    const service = type === 'model' && services.get(key);
    const problems = [
      ...(earlier ? [`metadata.name: appears twice: ${key}, first in ${earlier}`] : []),
      ...(service
        ? [`metadata.name: becomes the Knative Service ${key}, which is in ${service}: keep one of them`]
        : []),
    ];
    return problems.length > 0 ? { type: 'refused', where, value: { metadata }, problems } : object;
  };
  return input.map((object) => {
    if (object.type === 'runtime') return unique(object, { name: object.runtime.name });
    if (object.type === 'profile') return unique(object, { name: object.profile.name });
    if (object.type !== 'model') return object;
    const model = { ...object.model, metadata: placed(object.model.metadata) };
    return unique({ ...object, model }, model.metadata);
  });
}

const isService = (value: object): value is KubernetesObject => {
  const { apiVersion: version, kind, metadata } = value as Partial<KubernetesObject>;
  return (
    kind === 'Service' && /^serving\.knative\.dev\//.test(`${version}`) && typeof metadata?.name === 'string'
  );
};

/** Where the models of the input are. */
export const namespacesOf = (input: readonly InputObject[]): string[] => [
  ...new Set(
    input.flatMap((object) => (object.type === 'model' ? (object.model.metadata.namespace ?? []) : [])),
  ),
];

/** The runtimes and profiles to choose from: those of the input go before others of their name. */
export function withInput(
  { runtimes, profiles }: Pick<Environment, 'runtimes' | 'profiles'>,
  input: readonly InputObject[],
): Pick<Environment, 'runtimes' | 'profiles'> {
  return {
    runtimes: replaced(
      runtimes,
      input.flatMap((object) => (object.type === 'runtime' ? [object.runtime] : [])),
    ),
    profiles: replaced(
      profiles,
      input.flatMap((object) => (object.type === 'profile' ? [object.profile] : [])),
    ),
  };
}

function replaced<T extends { readonly name: string }>(known: readonly T[], given: readonly T[]): T[] {
  const names = new Set(given.map(({ name }) => name));
  return [...known.filter(({ name }) => !names.has(name)), ...given];
}
