import { labels } from '#api/group.ts';
import type { InferenceModelStatus } from '#api/v1alpha1/status.ts';
import { conditionOf, type KnativeCondition } from '#knative/objects.ts';
import { listAll, type Reader } from '#kube/client/client.ts';
import { isForbidden, isNotFound } from '#kube/client/errors.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import { modelResource } from '#operator/resources.ts';
import { PlainError } from '../action.ts';

/** An InferenceModel as the cluster has it, as much of it as is shown; another version may have written it. */
export interface FoundModel extends KubernetesObject {
  readonly spec?: {
    readonly model?: { readonly format?: string; readonly uri?: string };
    readonly container?: { readonly image?: string };
    readonly runtime?: { readonly image?: string } | undefined;
    readonly access?: { readonly visibility?: string };
    readonly scale?: { readonly containerConcurrency?: number; readonly [bound: string]: unknown };
  };
  readonly status?: InferenceModelStatus;
}

/** What serves a model: the runtime that its revision was made with, and an image in place of that of the runtime. */
export function serverIn({ spec, status }: FoundModel): string {
  const runtime = status?.revisions?.find((revision) => revision.runtime)?.runtime;
  if (!runtime) return spec?.container?.image ?? '-';
  return spec?.runtime?.image ? `${runtime}, image ${spec.runtime.image}` : runtime;
}

/** Whether the status is not yet, or no longer, about what the model says now. */
export const isUnseen = ({ metadata, status }: FoundModel): boolean =>
  (status?.observedGeneration ?? 0) < (metadata.generation ?? 1);

/** What keeps a model from serving for as long as nothing changes; nothing while it may still come up. */
export function failureIn(model: FoundModel): KnativeCondition | undefined {
  if (isUnseen(model)) return undefined;
  const stalled = conditionOf(model, 'Stalled');
  if (stalled?.status === 'True') return stalled;
  return model.status?.state === 'Failed' ? conditionOf(model, 'Ready') : undefined;
}

/** Whether a model serves what its spec says now. */
export const isServing = (model: FoundModel): boolean =>
  !isUnseen(model) && conditionOf(model, 'Ready')?.status === 'True';

/** Selects everything that was made for a model. */
export const selectionOf = ({ metadata: { name, namespace } }: Pick<FoundModel, 'metadata'>) => ({
  ...(namespace && { namespace }),
  labelSelector: `${labels.model}=${name}`,
});

/**
 * The models of these names, or all; of one namespace, or of all where none is given.
 * @throws PlainError naming each that is not there
 */
export async function findModels(
  client: Reader,
  names: readonly string[],
  namespace: string | undefined,
  labelSelector?: string,
): Promise<readonly FoundModel[]> {
  if (names.length === 0 || namespace === undefined) {
    const items = await listAll<FoundModel>(client, modelResource, {
      ...(namespace && { namespace }),
      ...(labelSelector && { labelSelector }),
    }).catch(withoutKind);
    const absent = names.filter((name) => !items.some(({ metadata }) => metadata.name === name));
    if (absent.length > 0)
      throw new PlainError(
        absent.map((name) => `there is no InferenceModel ${name} in any namespace`).join('\n'),
      );
    return items.filter(({ metadata }) => names.length === 0 || names.includes(metadata.name));
  }
  const missing: string[] = [];
  const found = await Promise.all(
    names.map((name) =>
      client.get<FoundModel>(modelResource, { namespace, name }).catch((error) => {
        if (!isNotFound(error) || !error.details.name) return withoutKind(error);
        missing.push(name);
        return undefined;
      }),
    ),
  );
  if (missing.length > 0) throw new PlainError(await absentText(client, missing, namespace));
  return found.filter((model) => model !== undefined);
}

/** Says which models are not there, and in which namespaces models of that name are, where the user may know. */
async function absentText(client: Reader, names: readonly string[], namespace: string): Promise<string> {
  const everywhere = await listAll<FoundModel>(client, modelResource).catch(() => []);
  return names
    .map((name) => {
      const others = everywhere.filter(({ metadata }) => metadata.name === name);
      const elsewhere = others.map(({ metadata }) => metadata.namespace).join(', ');
      return `there is no InferenceModel ${name} in namespace ${namespace}${elsewhere && `; there is one in ${elsewhere}`}`;
    })
    .join('\n');
}

/** A cluster without our CRD answers NotFound of no object. */
function withoutKind(error: unknown): never {
  if (!isNotFound(error)) throw error;
  const message = 'this cluster knows no InferenceModel: "dormouse doctor" shows what it lacks';
  throw new PlainError(message, { cause: error });
}

/** What the user may read of something: undefined where there is no right to it. @throws other errors */
export async function ifAllowed<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
}
