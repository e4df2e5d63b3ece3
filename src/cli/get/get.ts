import { inferenceModels } from '#api/group.ts';
import type { State } from '#api/v1alpha1/status.ts';
import { systemClock } from '#base/clock.ts';
import { conditionOf } from '#knative/objects.ts';
import { watcher } from '#kube/cache/watcher.ts';
import type { Reader, Selection } from '#kube/client/client.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import { resourceName } from '#kube/client/objects.ts';
import { modelResource } from '#operator/resources.ts';
import type { Style } from '#plan/text.ts';
import { exitCodes, PlainError, untilAskedToStop } from '../action.ts';
import { type FoundModel, findModels, serverIn } from '../cluster/model.ts';
import { openCluster } from '../cluster/open.ts';
import type { Target } from '../flags.ts';
import {
  age,
  type Cell,
  columnsOf,
  listOf,
  printed,
  rowText,
  type Screen,
  table,
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
  const { output, selector, watch } = flags;
  if (selector !== undefined && names.length > 0)
    throw new PlainError('names and --selector exclude each other: give one of them');
  await using cluster = await openCluster(flags);
  const { client } = cluster;
  const namespace = flags.allNamespaces ? undefined : cluster.namespace;
  const models = await findModels(client, names, namespace, selector);
  if (output === 'json' || output === 'yaml') {
    const clean = models.map(withoutManagedFields);
    const [only] = names.length === 1 ? clean : [];
    print(printed(only ?? listOf(clean), output));
  } else if (output === 'name') print(models.map(nameText).join(''));
  else if (models.length > 0) print(modelTable(models, new Date(), options(flags, namespace), screen()));
  else log(namespace ? `no models in namespace ${namespace}` : 'no models');
  if (watch) await follow(client, names, flags, models, namespace);
  return exitCodes.done;
}

interface TableOptions {
  readonly withNamespace?: boolean;
  readonly wide?: boolean;
}

const options = ({ output }: GetFlags, namespace: string | undefined): TableOptions => ({
  withNamespace: namespace === undefined,
  wide: output === 'wide',
});

/** As kubectl leaves them out. */
function withoutManagedFields<T extends KubernetesObject>({ metadata, ...rest }: T) {
  const { managedFields: _, ...shown } = metadata;
  return { ...rest, metadata: shown };
}

const nameText = ({ metadata }: FoundModel) =>
  `${resourceName({ group: inferenceModels.group, plural: inferenceModels.singular })}/${metadata.name}\n`;

/** Prints each change after `models`, as `kubectl get --watch` does, until the user stops it. */
async function follow(
  client: Reader,
  names: readonly string[],
  flags: GetFlags,
  models: readonly FoundModel[],
  namespace: string | undefined,
): Promise<void> {
  const { output, selector } = flags;
  const [name] = names;
  if (names.length > 1) throw new PlainError('--watch takes one name, or none for all models');
  const selection: Selection = {
    ...(namespace && { namespace }),
    ...(selector && { labelSelector: selector }),
    ...(name && { fieldSelector: `metadata.name=${name}` }),
  };
  const shape = options(flags, namespace);
  const show = screen();
  const head = headOf(shape);
  const columns = columnsOf(
    [head, ...models.map((model) => rowOf(model, new Date(), shape))],
    show.width,
    keptIn(shape),
  );
  const shown = new Map(models.map((model) => [model.metadata.uid, model.metadata.resourceVersion]));
  const source = { client, resource: modelResource, clock: systemClock, random: Math.random, ...selection };
  for await (const event of watcher<FoundModel>(source, untilAskedToStop())) {
    if (event.type !== 'InitApply' && event.type !== 'Apply' && event.type !== 'Delete') continue;
    const { metadata } = event.object;
    if (event.type !== 'Delete' && shown.get(metadata.uid) === metadata.resourceVersion) continue;
    shown.set(metadata.uid, metadata.resourceVersion);
    if (output === 'json' || output === 'yaml') print(printed(withoutManagedFields(event.object), output));
    else if (output === 'name') print(nameText(event.object));
    else if (event.type === 'Delete') log(`${metadata.name} was deleted`);
    else print(`${rowText(rowOf(event.object, new Date(), shape), columns, show)}\n`);
  }
}

/** Models as a table for people, in the columns of `kubectl get imodel`. */
export function modelTable(
  models: readonly FoundModel[],
  now: Date,
  shape: TableOptions,
  screen?: Screen,
): string {
  const rows = models.map((model) => rowOf(model, now, shape));
  return table([headOf(shape), ...rows], screen, keptIn(shape));
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
