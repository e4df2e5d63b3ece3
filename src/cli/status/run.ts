import { exitCodes } from '../action.ts';
import { openCluster } from '../cluster/open.ts';
import type { Format, Target } from '../flags.ts';
import { findModels } from '../get/get.ts';
import { printed } from '../terminal/output.ts';
import { print } from '../terminal/terminal.ts';
import { readModelObjects } from './model-objects.ts';
import { reportOf } from './report.ts';
import { reportText } from './text.ts';

export interface StatusFlags extends Target {
  readonly output?: Format;
}

/** Prints what a model does, and gives the exit code: also a model that is not ready was told. */
export async function runStatus(name: string, flags: StatusFlags): Promise<number> {
  await using cluster = await openCluster(flags);
  for (const model of await findModels(cluster.client, [name], cluster.namespace)) {
    const report = reportOf(await readModelObjects(cluster.client, model));
    print(flags.output ? printed(report, flags.output) : reportText(report));
  }
  return exitCodes.done;
}
