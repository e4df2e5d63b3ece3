import type { Command } from 'commander';
import { action } from '../action.ts';
import { withExamples, withOutput, withTarget } from '../flags.ts';
import type { VersionFlags } from './versions.ts';

/** Adds `dormouse version`. */
export function addVersion(program: Command): void {
  const command = program
    .command('version')
    .description('Print the version of this program, and of the operator in the cluster where there is one.')
    .option('--client', 'of this program alone');
  withExamples(withOutput(withTarget(command)), 'dormouse version', 'dormouse version --client').action(
    action(async (flags: VersionFlags) => (await import('./versions.ts')).runVersion(flags)),
  );
}
