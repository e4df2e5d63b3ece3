import type { KnativeServiceObject } from '#knative/objects.ts';
import { serviceResource } from '#knative/objects.ts';
import type { Client } from '#kube/client/client.ts';
import { isConflict } from '#kube/client/errors.ts';
import { modelResource } from '#operator/resources.ts';
import { exitCodes, PlainError } from '../action.ts';
import { gone, notCollected, unlessAbsent } from '../cluster/gone.ts';
import type { FoundModel } from '../cluster/model.ts';
import { findModels } from '../cluster/model.ts';
import { cliManager, openCluster } from '../cluster/open.ts';
import type { Format, Target } from '../flags.ts';
import { confirmed } from '../terminal/confirm.ts';
import { printedAll } from '../terminal/output.ts';
import { log, print } from '../terminal/terminal.ts';
import { plainService, releasePatch, whyNot } from './plain.ts';
import { findInstallation, uninstall } from './uninstall.ts';

export interface EjectFlags extends Target {
  readonly all?: boolean;
  readonly allNamespaces?: boolean;
  readonly uninstall?: boolean;
  readonly skip?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly output?: Format;
}

/** Prints the Knative Services of models, sets them free, deletes the models, and gives the exit code. */
export async function runEject(names: readonly string[], flags: EjectFlags): Promise<number> {
  check(names, flags);
  await using cluster = await openCluster(flags);
  const { client } = cluster;
  const namespace = flags.allNamespaces ? undefined : cluster.namespace;
  const found = await findModels(client, names, namespace);
  const leaving = await leaversOf(client, found);
  const reasons = leaving.map(({ why }) => why).filter((why) => why !== undefined);
  if (reasons.length > 0 && !flags.skip) throw new PlainError(reasons.join('\n'));
  for (const why of reasons) log(`left alone: ${why}`);
  const models = leaving.filter(({ why }) => !why).map(({ model }) => model);
  const services = leaving.flatMap(({ why, service }) => (!why && service ? [service] : []));
  const installation = flags.uninstall ? await findInstallation(client) : [];

  print(printedAll(services.map(plainService), flags.output ?? 'yaml'));
  if (models.length === 0) log(namespace ? `no models in namespace ${namespace}` : 'no models');
  if (flags.dryRun || models.length + installation.length === 0) return exitCodes.done;

  for (const { metadata } of models)
    log(`to be ejected: ${metadata.name} in namespace ${metadata.namespace}`);
  for (const { title } of installation) log(`to be deleted: ${title}`);
  if (!flags.yes && !(await confirmed('go on?', 'eject'))) return exitCodes.failed;
  for (const model of models) await eject(client, model);
  if (models.length > 0) log(`ejected ${models.length}: their Knative Services run on and are yours`);
  await uninstall(client, installation);
  if (flags.uninstall) log('Dormouse is gone; its namespace is left to you');
  return exitCodes.done;
}

function check(names: readonly string[], { all, allNamespaces, uninstall, skip }: EjectFlags): void {
  if (uninstall && skip)
    throw new PlainError('--uninstall and --skip exclude each other: without the CRDs no model can stay');
  if (uninstall && !allNamespaces)
    throw new PlainError('--uninstall takes --all-namespaces: without the CRDs no model can stay');
  const ways = [
    ...(names.length > 0 ? ['names of models'] : []),
    ...(all ? ['--all'] : []),
    ...(allNamespaces ? ['--all-namespaces'] : []),
  ];
  if (ways.length === 0)
    throw new PlainError('say which models to eject: their names, or --all, or --all-namespaces');
  if (ways.length > 1)
    throw new PlainError(`${ways.join(' and ')} exclude each other: say which models to eject in one way`);
}

interface Leaver {
  readonly model: FoundModel;
  readonly service: KnativeServiceObject | undefined;
  /** Why it cannot leave. */
  readonly why: string | undefined;
}

async function leaversOf(client: Client, found: readonly FoundModel[]): Promise<Leaver[]> {
  const models = found.filter(({ metadata }) => !metadata.deletionTimestamp);
  return Promise.all(
    models.map(async (model) => {
      const service = await serviceOf(client, model.metadata);
      return { model, service, why: whyNot(model, service) };
    }),
  );
}

/** Deletes the model by Kubernetes' own way to leave children alone, and takes our name off its Service. */
async function eject(client: Client, { metadata }: FoundModel): Promise<void> {
  const preconditions = { ...(metadata.uid && { uid: metadata.uid }) };
  await client.delete(modelResource, metadata, { propagationPolicy: 'Orphan', preconditions });
  const what = `InferenceModel ${metadata.name} is marked as deleted, and Kubernetes' garbage collector has not set its Service free`;
  await gone(client, modelResource, { metadata }, () => notCollected(what));
  for (;;) {
    const service = await serviceOf(client, metadata);
    if (!service) return;
    try {
      await client.patch(serviceResource, metadata, releasePatch(service), { fieldManager: cliManager });
      return;
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
  }
}

const serviceOf = (client: Client, name: FoundModel['metadata']) =>
  client.get<KnativeServiceObject>(serviceResource, name).catch(unlessAbsent);
