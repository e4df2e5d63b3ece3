import { conditionOf } from '#knative/objects.ts';
import type { Reader } from '#kube/client/client.ts';
import { isNotFound } from '#kube/client/errors.ts';
import { modelResource } from '#operator/resources.ts';
import { exitCodes, PlainError } from '../action.ts';
import { type FoundModel, serverIn } from '../cluster/model.ts';
import { openCluster } from '../cluster/open.ts';
import type { Format, Target } from '../flags.ts';
import { age, listOf, printed, table } from '../terminal/output.ts';
import { log, print } from '../terminal/terminal.ts';

export interface GetFlags extends Target {
  readonly output?: Format;
  readonly allNamespaces?: boolean;
}

/** Prints models, and gives the exit code. */
export async function runGet(names: readonly string[], flags: GetFlags): Promise<number> {
  await using cluster = await openCluster(flags);
  const namespace = flags.allNamespaces ? undefined : cluster.namespace;
  const models = await findModels(cluster.client, names, namespace);
  if (flags.output) {
    const [only] = names.length === 1 ? models : [];
    print(printed(only ?? listOf(models), flags.output));
  } else if (models.length > 0) {
    print(modelTable(models, new Date(), namespace === undefined));
  } else log(namespace ? `no models in namespace ${namespace}` : 'no models');
  return exitCodes.done;
}

/**
 * The models of these names, or all; of one namespace, or of all where none is given.
 * @throws PlainError naming each that is not there
 */
export async function findModels(
  client: Reader,
  names: readonly string[],
  namespace: string | undefined,
): Promise<FoundModel[]> {
  if (names.length === 0 || namespace === undefined) {
    const { items } = await client
      .list<FoundModel>(modelResource, { ...(namespace && { namespace }) })
      .catch(withoutKind);
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
        missing.push(`there is no InferenceModel ${name} in namespace ${namespace}`);
        return undefined;
      }),
    ),
  );
  if (missing.length > 0) throw new PlainError(missing.join('\n'));
  return found.filter((model) => model !== undefined);
}

/** A cluster without our CRD says NotFound of no object. */
function withoutKind(error: unknown): never {
  if (!isNotFound(error)) throw error;
  const message = 'this cluster knows no InferenceModel: "dormouse doctor" tells what it lacks';
  throw new PlainError(message, { cause: error });
}

/** Models as a table for people. */
export function modelTable(models: readonly FoundModel[], now: Date, withNamespace: boolean): string {
  const rows = models.map((model) => {
    const { metadata, status } = model;
    return [
      ...(withNamespace ? [metadata.namespace ?? '-'] : []),
      metadata.name,
      status?.state ?? '-',
      conditionOf(model, 'Ready')?.status ?? '-',
      status?.url ?? '-',
      `${status?.replicas ?? '-'}`,
      serverIn(model),
      age(metadata.creationTimestamp, now),
    ];
  });
  const head = ['NAME', 'STATE', 'READY', 'URL', 'REPLICAS', 'RUNTIME', 'AGE'];
  return table([withNamespace ? ['NAMESPACE', ...head] : head, ...rows]);
}
