import type { Command } from 'commander';
import { clusterAction, talk } from './action.ts';
import { openCluster, type Target, withTarget } from './cluster.ts';
import { findModels, modelTable } from './get.ts';
import { type Format, printed, withOutput } from './output.ts';

type Flags = Target & { readonly output?: Format; readonly allNamespaces?: boolean };

/** Adds `dormouse get`. */
export function addGet(program: Command): void {
  const command = program
    .command('get')
    .description('List models: what sleeps, what is awake, where it is reached.')
    .argument('[name...]', 'models; all by default')
    .option('-A, --all-namespaces', 'of all namespaces');
  withOutput(withTarget(command)).action(
    clusterAction(async (names: string[], flags: Flags) => {
      await using cluster = await openCluster(flags);
      const namespace = flags.allNamespaces ? undefined : cluster.namespace;
      const models = await findModels(cluster.client, names, namespace);
      if (flags.output) {
        const [only] = names.length === 1 ? models : [];
        process.stdout.write(
          printed(only ?? { apiVersion: 'v1', kind: 'List', items: models }, flags.output),
        );
      } else if (models.length > 0) {
        process.stdout.write(modelTable(models, new Date(), namespace === undefined));
      } else talk(namespace ? `no models in namespace ${namespace}` : 'no models');
      return undefined;
    }),
  );
}
