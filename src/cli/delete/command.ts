import type { Command } from 'commander';
import { action, exitCodes } from '../action.ts';
import { type Target, withExamples, withTarget } from '../flags.ts';
import { log } from '../terminal/terminal.ts';

/** Adds `dormouse delete`. */
export function addDelete(program: Command): void {
  const command = program
    .command('delete')
    .description('Delete models, with all that was made for them.')
    .argument('<name...>', 'models')
    .option('--yes', 'do not ask');
  withExamples(
    withTarget(command),
    'dormouse delete iris',
    'dormouse eject iris    # keeps its Knative Service',
  ).action(
    action(async (names: string[], { yes, ...target }: Target & { readonly yes?: boolean }) => {
      const { openCluster } = await import('../cluster/open.ts');
      const { findModels } = await import('../cluster/model.ts');
      const { confirmed } = await import('../terminal/confirm.ts');
      const { modelResource } = await import('#operator/resources.ts');
      await using cluster = await openCluster(target);
      const found = await findModels(cluster.client, names, cluster.namespace);
      for (const { metadata, status } of found)
        log(`${metadata.namespace}/${metadata.name}: ${status?.url ?? 'it has no address yet'}`);
      if (!yes && !(await confirmed('delete?', 'delete'))) return exitCodes.failed;
      for (const { metadata } of found) {
        await cluster.client.delete(modelResource, metadata, { propagationPolicy: 'Background' });
        log(`${metadata.namespace}/${metadata.name} is deleted; its pods end with their last requests`);
      }
      return exitCodes.done;
    }),
  );
}
