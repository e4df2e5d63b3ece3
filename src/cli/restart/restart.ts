import { exitCodes } from '../action.ts';
import { timeoutMsOf } from '../cluster/await-model.ts';
import { type FoundModel, findModels } from '../cluster/model.ts';
import { openCluster } from '../cluster/open.ts';
import { awaitRevision, refresh } from '../cluster/refresh.ts';
import type { Target } from '../flags.ts';
import { counted } from '../terminal/output.ts';
import { progressOf } from '../terminal/progress.ts';
import { log } from '../terminal/terminal.ts';

export interface RestartFlags extends Target {
  readonly wait: boolean;
  readonly timeout: string;
}

/** Has models start anew, one after the other, and gives the exit code. */
export async function runRestart(names: readonly string[], flags: RestartFlags): Promise<number> {
  const timeoutMs = timeoutMsOf(flags.timeout);
  await using cluster = await openCluster(flags);
  const { client } = cluster;
  for (const model of await findModels(client, names, cluster.namespace)) {
    const { name, namespace = cluster.namespace } = model.metadata;
    log(restartText(model));
    await refresh(client, { namespace, name });
    if (!flags.wait) {
      log(`${name} starts anew: "dormouse status ${name} --wait" waits for it`);
      continue;
    }
    using progress = progressOf();
    let state = model.status?.state;
    progress.show(() => `${name} is ${state ?? 'new'}; waiting for the new revision`);
    const revision = await awaitRevision(client, { namespace, name }, model.status?.revisions?.[0]?.name, {
      timeoutMs,
      onChange: ({ status }) => {
        state = status?.state;
      },
    });
    progress.clear();
    log(`${name}: ${revision} serves`);
  }
  return exitCodes.done;
}

/** What happens to the pods that run. */
export function restartText({ metadata: { name }, status }: FoundModel): string {
  const pods = status?.replicas ?? 0;
  if (pods === 0) return `${name}: no pod of it serves; a new revision starts`;
  return `${name}: ${counted(pods, 'pod')} ${pods === 1 ? 'serves' : 'serve'} until the new revision does, and then ${pods === 1 ? 'ends' : 'end'} with the last requests`;
}
