import type { Command } from 'commander';
import { action } from '../action.ts';
import { withOutput, withTarget } from '../flags.ts';
import type { StatusFlags } from './run.ts';

/** Adds `dormouse status`. */
export function addStatus(program: Command): void {
  const command = program
    .command('status')
    .description('Tell what a model does, and why where it is not ready, from the root cause upward.')
    .argument('<name>', 'the model');
  withOutput(withTarget(command)).action(
    action(async (name: string, flags: StatusFlags) => (await import('./run.ts')).runStatus(name, flags)),
  );
}
