import type { Command } from 'commander';
import { action } from '../action.ts';
import { withOutput, withTarget } from '../flags.ts';
import type { GetFlags } from './get.ts';

/** Adds `dormouse get`. */
export function addGet(program: Command): void {
  const command = program
    .command('get')
    .description('List models: what sleeps, what is awake, where it is reached.')
    .argument('[name...]', 'models; all by default')
    .option('-A, --all-namespaces', 'of all namespaces');
  withOutput(withTarget(command)).action(
    action(async (names: string[], flags: GetFlags) => (await import('./get.ts')).runGet(names, flags)),
  );
}
