import { exitCodes, PlainError } from '../action.ts';
import { awaitModel, TimedOutError, timeoutMsOf } from '../cluster/await-model.ts';
import { type FoundModel, failureIn, findModels, isServing } from '../cluster/model.ts';
import { type OpenCluster, openCluster } from '../cluster/open.ts';
import type { Format, Target } from '../flags.ts';
import { printed } from '../terminal/output.ts';
import { progressOf } from '../terminal/progress.ts';
import { log, print, screen } from '../terminal/terminal.ts';
import { readModelObjects } from './model-objects.ts';
import { type Report, reportOf } from './report.ts';
import { reportText } from './text.ts';

export interface StatusFlags extends Target {
  readonly all?: boolean;
  readonly allNamespaces?: boolean;
  readonly wait?: boolean;
  readonly timeout: string;
  readonly output?: Format;
}

/** Prints what models do, and gives the exit code: 1 where one has failed, or was not ready in time. */
export async function runStatus(names: readonly string[], flags: StatusFlags): Promise<number> {
  const { all, allNamespaces, wait, output } = flags;
  if (names.length > 0 === Boolean(all || allNamespaces))
    throw new PlainError('give names of models, or --all, or --all-namespaces');
  const timeoutMs = timeoutMsOf(flags.timeout);
  await using cluster = await openCluster(flags);
  const namespace = allNamespaces ? undefined : cluster.namespace;
  const found = await findModels(cluster.client, names, namespace);
  if (found.length === 0) log('no models');
  const until = performance.now() + timeoutMs;
  const reports: Report[] = [];
  let hasFailed = false;
  for (const [index, model] of found.entries()) {
    const { model: last, late } = wait ? await settled(cluster, model, until) : { model };
    const report = reportOf(await readModelObjects(cluster.client, last));
    reports.push(report);
    if (!output) print(`${index > 0 ? '\n' : ''}${reportText(report, screen())}`);
    if (late) log(`error: ${late}`);
    hasFailed ||= late !== undefined || failureIn(last) !== undefined;
  }
  if (output) print(printed(names.length === 1 ? reports[0] : reports, output));
  return hasFailed ? exitCodes.failed : exitCodes.done;
}

/** The model once it is ready or has failed, or as it was when time ran out, with a sentence for that. */
async function settled(
  { client }: OpenCluster,
  model: FoundModel,
  until: number,
): Promise<{ readonly model: FoundModel; readonly late?: string }> {
  using progress = progressOf();
  let last = model;
  progress.show(() => `${model.metadata.name} is ${last.status?.state ?? 'new'}; waiting`);
  try {
    const done = await awaitModel(client, model.metadata, {
      timeoutMs: Math.max(1, Math.ceil(until - performance.now())),
      onChange: (found) => {
        last = found;
      },
      predicate: (found) => (isServing(found) || failureIn(found) ? found : undefined),
    });
    return { model: done };
  } catch (error) {
    if (!(error instanceof TimedOutError)) throw error;
    return { model: last, late: error.message };
  }
}
