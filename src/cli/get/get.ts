import { inferenceModels } from '#api/group.ts';
import type { State } from '#api/v1alpha1/status.ts';
import { conditionOf } from '#knative/objects.ts';
import { watchUntil } from '#kube/cache/watch-until.ts';
import type { WatcherError } from '#kube/cache/watcher.ts';
import type { Reader, Selection } from '#kube/client/client.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import { resourceName } from '#kube/client/objects.ts';
import { modelResource } from '#operator/resources.ts';
import type { Style } from '#plan/text.ts';
import { exitCodes, PlainError, untilAskedToStop } from '../action.ts';
import { type FoundModel, findModels, serverIn } from '../cluster/model.ts';
import { openCluster } from '../cluster/open.ts';
import { keyed } from '../cluster/state.ts';
import type { Target } from '../flags.ts';
import {
  age,
  type Cell,
  columnsOf,
  listOf,
  longer,
  plainScreen,
  printed,
  rowText,
  type Screen,
} from '../terminal/output.ts';
import { log, print, screen } from '../terminal/terminal.ts';

export interface GetFlags extends Target {
  readonly output?: 'wide' | 'name' | 'json' | 'yaml';
  readonly allNamespaces?: boolean;
  readonly selector?: string;
  readonly watch?: boolean;
}

/** Prints models, and gives the exit code. */
export async function runGet(names: readonly string[], flags: GetFlags): Promise<number> {
  const { selector, watch } = flags;
  if (selector !== undefined && names.length > 0)
    throw new PlainError('names and --selector exclude each other: give one of them');
  if (watch && names.length > 1) throw new PlainError('--watch takes one name, or none for all models');
  await using cluster = await openCluster(flags);
  const { client } = cluster;
  const namespace = flags.allNamespaces ? undefined : cluster.namespace;
  const models = await findModels(client, names, namespace, selector);
  const show = printer(flags, namespace);
  if (models.length === 0 && isTable(flags))
    log(namespace ? `no models in namespace ${namespace}` : 'no models');
  else show(models, names.length === 1);
  if (watch) await follow(client, selectionOf(names, flags, namespace), models, show);
  return exitCodes.done;
}

interface TableOptions {
  readonly withNamespace?: boolean;
  readonly wide?: boolean;
}

const isTable = ({ output }: GetFlags) => output === undefined || output === 'wide';

/** Prints models in the form that the flags say; one alone is an object for programs, and no list. */
function printer(
  { output }: GetFlags,
  namespace: string | undefined,
): (models: readonly FoundModel[], alone: boolean) => void {
  if (output === 'name') return (models) => print(models.map(nameText).join(''));
  if (output === 'json' || output === 'yaml') {
    let separator = '';
    return (models, alone) => {
      const clean = models.map(withoutManagedFields);
      print(separator + printed((alone && clean[0]) || listOf(clean), output));
      // What a watch prints is a stream of documents.
      if (output === 'yaml') separator = '---\n';
    };
  }
  const rows = rowPrinter({ withNamespace: namespace === undefined, wide: output === 'wide' }, screen());
  return (models) => print(rows(models, new Date()));
}

/** As kubectl leaves them out. */
function withoutManagedFields<T extends KubernetesObject>({ metadata, ...rest }: T) {
  const { managedFields: _, ...shown } = metadata;
  return { ...rest, metadata: shown };
}

const nameText = ({ metadata }: FoundModel) =>
  `${resourceName({ group: inferenceModels.group, plural: inferenceModels.singular })}/${metadata.name}\n`;

const selectionOf = (
  [name]: readonly string[],
  { selector }: GetFlags,
  namespace: string | undefined,
): Selection => ({
  ...(namespace && { namespace }),
  ...(selector && { labelSelector: selector }),
  ...(name && { fieldSelector: `metadata.name=${name}` }),
});

/**
 * Prints each change after `models`, as `kubectl get --watch` does, until the user stops it. A server that is away is waited
 * for, and what it did meanwhile is shown then.
 * @throws ApiError where the server refuses
 */
async function follow(
  client: Reader,
  selection: Selection,
  models: readonly FoundModel[],
  show: (models: readonly FoundModel[], alone: boolean) => void,
): Promise<void> {
  const signal = untilAskedToStop();
  let shown = keyed(models);
  const predicate = (found: readonly FoundModel[]): undefined => {
    const now = keyed(found);
    for (const [key, { metadata }] of shown)
      if (now.get(key)?.metadata.uid !== metadata.uid) log(`${key} was deleted`);
    for (const [key, model] of now)
      if (shown.get(key)?.metadata.resourceVersion !== model.metadata.resourceVersion) show([model], true);
    shown = now;
  };
  const onError = ({ name, message }: WatcherError, retryInMs: number) => {
    // Others are watches that end, as each one does some time.
    if (name === 'WatchStartFailed' || name === 'InitialListFailed')
      log(`the cluster does not answer: ${message}; trying again in ${(retryInMs / 1000).toFixed(1)} s`);
  };
  try {
    await watchUntil(client, modelResource, { ...selection, signal, predicate, onError });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Models as a table for people, in the columns of `kubectl get imodel`. */
export const modelTable = (
  models: readonly FoundModel[],
  now: Date,
  shape: TableOptions,
  screen = plainScreen,
): string => rowPrinter(shape, screen)(models, now);

/** A table that grows: its head comes with the first rows, and a column is as wide as the widest cell that it has had. */
export function rowPrinter(
  shape: TableOptions,
  screen: Screen,
): (models: readonly FoundModel[], now: Date) => string {
  const head = headOf(shape);
  let widest = head;
  let isBegun = false;
  return (models, now) => {
    const rows = models.map((model) => rowOf(model, now, shape));
    widest = rows.reduce<Cell[]>(
      (widest, row) => widest.map((cell, column) => longer(cell, row[column] ?? '')),
      widest,
    );
    const columns = columnsOf([widest], screen.width, keptIn(shape));
    const lines = isBegun ? rows : [head, ...rows];
    isBegun = true;
    return lines.map((row) => `${rowText(row, columns, screen)}\n`).join('');
  };
}

const keptIn = ({ withNamespace }: TableOptions) => (withNamespace ? 2 : 1);

const headOf = ({ withNamespace, wide }: TableOptions): Cell[] => [
  ...(withNamespace ? ['NAMESPACE'] : []),
  ...['NAME', 'URL', 'STATE', 'READY', 'REASON', 'AGE'],
  ...(wide ? ['FORMAT', 'RUNTIME', 'REPLICAS', 'RESTARTS', 'MESSAGE'] : []),
];

function rowOf(model: FoundModel, now: Date, { withNamespace, wide }: TableOptions): Cell[] {
  const { metadata, spec, status } = model;
  const ready = conditionOf(model, 'Ready');
  const state = status?.state;
  return [
    ...(withNamespace ? [metadata.namespace ?? '-'] : []),
    metadata.name,
    status?.url ?? '-',
    { text: state ?? '-', style: state && stateStyles[state] },
    ready?.status ?? '-',
    ready?.reason ?? '-',
    age(metadata.creationTimestamp, now),
    ...(wide
      ? [
          spec?.model?.format ?? '-',
          serverIn(model),
          `${status?.replicas ?? '-'}`,
          `${status?.restarts ?? 0}`,
          ready?.status === 'True' ? '' : (ready?.message ?? ''),
        ]
      : []),
  ];
}

/** Colours of states, in all commands. */
export const stateStyles: Readonly<Partial<Record<State | 'Unknown', Style>>> = {
  Awake: 'green',
  Asleep: 'dim',
  Starting: 'yellow',
  Waking: 'yellow',
  RollingOut: 'yellow',
  Failed: 'red',
};
