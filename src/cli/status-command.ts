import type { Command } from 'commander';
import { clusterAction } from './action.ts';
import { openCluster, type Target, withTarget } from './cluster.ts';
import { findModels } from './get.ts';
import { type Format, printed, withOutput } from './output.ts';
import { reportOf } from './status/report.ts';
import { reportText } from './status/text.ts';
import { readWorld } from './status/world.ts';

/** Adds `dormouse status`. */
export function addStatus(program: Command): void {
  const command = program
    .command('status')
    .description('Tell what a model does, and why where it is not ready, from the root cause upward.')
    .argument('<name>', 'the model');
  withOutput(withTarget(command)).action(
    clusterAction(async (name: string, flags: Target & { readonly output?: Format }) => {
      await using cluster = await openCluster(flags);
      const models = await findModels(cluster.client, [name], cluster.namespace);
      for (const model of models) {
        const report = reportOf(await readWorld(cluster.client, model));
        process.stdout.write(flags.output ? printed(report, flags.output) : reportText(report));
      }
      return undefined;
    }),
  );
}
