import type { PodObject } from '#knative/objects.ts';
import { getOrUndefined, listAll } from '#kube/client/client.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import { podResource } from '#kube/client/objects.ts';
import { type LeaseSpec, leaseResource } from '#kube/election/lease-lock.ts';
import { exitCodes, PlainError, untilAskedToStop } from '../action.ts';
import { operatorSelector } from '../cluster/installed-operator.ts';
import { findModels, ifAllowed, selectionOf } from '../cluster/model.ts';
import { type OpenCluster, openCluster } from '../cluster/open.ts';
import type { Target } from '../flags.ts';
import { log, pass } from '../terminal/terminal.ts';
import { type LogSource, readLog } from './pod-log.ts';

export interface LogsFlags extends Target {
  readonly container?: string;
  readonly previous?: boolean;
  readonly follow?: boolean;
  readonly tail?: number;
  readonly operator?: boolean;
}

/** Prints the log of a container, and gives the exit code. */
export async function runLogs(name: string | undefined, flags: LogsFlags): Promise<number> {
  if ((name === undefined) !== (flags.operator === true))
    throw new PlainError('give the name of one model, or --operator');
  if (flags.operator && flags.container)
    throw new PlainError('--container is for the log of a model: the operator has one container');
  await using cluster = await openCluster(flags);
  const source = name ? await sourceOf(cluster, name, flags) : await leaderOf(cluster, flags);
  if (!source) return exitCodes.failed;
  const { tail: tailLines, follow } = flags;
  const signal = untilAskedToStop();
  try {
    await pass(readLog(cluster.client, source, { tailLines, follow, signal }));
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return exitCodes.done;
}

const byAge = (one: KubernetesObject, other: KubernetesObject) =>
  (other.metadata.creationTimestamp ?? '').localeCompare(one.metadata.creationTimestamp ?? '');

/** The container of the newest pod of a model; nothing, and a hint, where there is no pod. */
async function sourceOf(
  { client, namespace }: OpenCluster,
  name: string,
  { container = 'server', previous }: LogsFlags,
): Promise<LogSource | undefined> {
  const [model] = await findModels(client, [name], namespace);
  if (!model) return undefined;
  const pods = [...(await listAll<PodObject>(client, podResource, selectionOf(model)))].sort(byAge);
  const [pod] = pods;
  if (!pod) {
    const isAsleep = model.status?.state === 'Asleep';
    log(
      isAsleep
        ? `${name} is asleep and has no pod: "dormouse predict ${name}" wakes it`
        : `${name} has no pod: "dormouse status ${name}" says why`,
    );
    return undefined;
  }
  if (pods.length > 1) log(`${name} has ${pods.length} pods; this is the log of ${pod.metadata.name}`);
  return { namespace, pod: pod.metadata.name, container, ...(previous && { previous }) };
}

/** The pod of the operator that holds the Lease, or the only one. */
async function leaderOf({ client }: OpenCluster, { previous, ...flags }: LogsFlags): Promise<LogSource> {
  const pods = [
    ...(await listAll<PodObject>(client, podResource, {
      ...(flags.namespace && { namespace: flags.namespace }),
      labelSelector: operatorSelector,
    })),
  ].sort(byAge);
  const [newest] = pods;
  if (!newest) throw new PlainError('no operator runs here: "dormouse doctor" shows what the cluster lacks');
  const [namespace = 'default', ...others] = new Set(pods.map(({ metadata }) => metadata.namespace));
  if (others.length > 0)
    throw new PlainError(
      `operators run in the namespaces ${[namespace, ...others].join(', ')}: choose one with --namespace`,
    );
  const lease = await ifAllowed(
    getOrUndefined<KubernetesObject & { readonly spec?: LeaseSpec }>(client, leaseResource, {
      namespace,
      name: 'dormouse',
    }),
  );
  // The identity is the name of the pod and a part of its own, as client-go has it.
  const leader = pods.find(({ metadata }) => lease?.spec?.holderIdentity?.startsWith(`${metadata.name}_`));
  const pod = (leader ?? newest).metadata.name;
  if (!leader && pods.length > 1)
    log(`which of ${pods.length} pods leads is not known; this is the log of ${pod}`);
  return { namespace, pod, container: 'controller', ...(previous && { previous }) };
}
