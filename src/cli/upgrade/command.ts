import type { Command } from 'commander';
import { action } from '../action.ts';
import { savedState, withDiffCodes, withExamples, withOutput, withTarget } from '../flags.ts';
import { paint } from '../terminal/terminal.ts';
import type { UpgradeFlags } from './run.ts';

/** Adds `dormouse upgrade`. */
export function addUpgrade(program: Command): void {
  const command = program
    .command('upgrade')
    .description(
      'Have models adopt, one by one, what this version, their runtimes and the settings of the cluster now make of them: an upgrade alone restarts none. Exit code: 0 nothing is left to adopt, 1 something is, 2 something is refused or went wrong.',
    )
    .argument('[name...]', 'models; with --plan, all by default')
    .option('--plan', 'only show what would change')
    .option(
      '--against <cluster|file>',
      `with --plan: what runs, in the cluster or in ${savedState}`,
      'cluster',
    )
    .option('-A, --all-namespaces', 'of all namespaces')
    .option('--config <file>', 'settings of the operator, if not those of its Deployment');
  withExamples(
    withDiffCodes(withOutput(withTarget(command))),
    'dormouse upgrade --plan -A',
    'dormouse upgrade iris',
  ).action(
    action(async (names: string[], flags: UpgradeFlags) => {
      const { runUpgrade } = await import('./run.ts');
      return runUpgrade(names, flags, paint);
    }, 2),
  );
}
