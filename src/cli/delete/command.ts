import type { Command } from 'commander';
import { action } from '../action.ts';
import { withExamples, withTarget } from '../flags.ts';
import type { DeleteFlags } from './delete.ts';

/** Adds `dormouse delete`. */
export function addDelete(program: Command): void {
  const command = program
    .command('delete')
    .description('Delete models, with all that was made for them.')
    .argument('<name...>', 'models')
    .option('--yes', 'do not ask')
    .option('--timeout <duration>', 'longest wait until each is gone', '1m')
    .option('--no-wait', 'do not wait until they are gone');
  withExamples(
    withTarget(command),
    'dormouse delete iris',
    'dormouse eject iris    # keeps its Knative Service',
  ).action(
    action(async (names: string[], flags: DeleteFlags) =>
      (await import('./delete.ts')).runDelete(names, flags),
    ),
  );
}
