import type { KnativeServiceObject, PodObject } from '#knative/objects.ts';
import { revisionResource, serviceResource } from '#knative/objects.ts';
import { getOrUndefined, listAll } from '#kube/client/client.ts';
import { deploymentResource, podResource } from '#kube/client/objects.ts';
import type { RestClient } from '#kube/client/rest.ts';
import type { DeploymentObject } from '../cluster/installed-operator.ts';
import { type FoundModel, ifAllowed, selectionOf } from '../cluster/model.ts';
import type { FoundRevision } from '../cluster/state.ts';
import { type LogSource, logCommand, readLog } from '../logs/pod-log.ts';
import { errorLines } from './hints.ts';

/** A model, and everything that was made for it. */
export interface ModelObjects {
  readonly model: FoundModel;
  readonly service: KnativeServiceObject | undefined;
  readonly revisions: readonly FoundRevision[];
  readonly deployments: readonly DeploymentObject[];
  readonly pods: readonly PodObject[];
  /** The end of the log of the container that died. */
  readonly log?: LogEnd | undefined;
}

export interface LogEnd {
  readonly container: string;
  readonly lines: readonly string[];
  /** Prints the rest. */
  readonly command: string;
}

/** Reads what belongs to a model, by name and by our label; what the user may not see is taken to be absent. */
export async function readModelObjects(client: RestClient, model: FoundModel): Promise<ModelObjects> {
  const { name, namespace } = model.metadata;
  const selection = selectionOf(model);
  const [service, revisions, deployments = [], pods = []] = await Promise.all([
    getOrUndefined<KnativeServiceObject>(client, serviceResource, { ...(namespace && { namespace }), name }),
    listAll<FoundRevision>(client, revisionResource, selection),
    ifAllowed(listAll<DeploymentObject>(client, deploymentResource, selection)),
    ifAllowed(listAll<PodObject>(client, podResource, selection)),
  ]);
  const dead = deadContainer(pods);
  return { model, service, revisions, deployments, pods, log: dead && (await logEnd(client, dead)) };
}

/** The container whose process ended last, where it is not ready now. */
export function deadContainer(pods: readonly PodObject[]): LogSource | undefined {
  for (const { metadata, status } of pods) {
    if (metadata.deletionTimestamp) continue;
    const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
    for (const { name, ready, state = {}, lastState, restartCount = 0 } of all) {
      const isDone = name === 'fetch' && state.terminated?.exitCode === 0;
      const source = { namespace: metadata.namespace ?? 'default', pod: metadata.name, container: name };
      if (state.terminated && !isDone) return source;
      if (lastState?.terminated && !ready && restartCount > 0) return { ...source, previous: true };
    }
  }
  return undefined;
}

const maxLogLines = 400;

/** Nothing where the user has no right to it, or the log is gone. */
async function logEnd(client: RestClient, source: LogSource): Promise<LogEnd | undefined> {
  let text = '';
  try {
    const signal = AbortSignal.timeout(10_000);
    for await (const chunk of readLog(client, source, { tailLines: maxLogLines, signal })) text += chunk;
  } catch {
    return { container: source.container, lines: [], command: logCommand(source) };
  }
  return { container: source.container, lines: errorLines(text), command: logCommand(source) };
}
