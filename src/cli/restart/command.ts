import type { Command } from 'commander';
import { action } from '../action.ts';
import { withExamples, withTarget } from '../flags.ts';
import type { RestartFlags } from './restart.ts';

/** Adds `dormouse restart`. */
export function addRestart(program: Command): void {
  const command = program
    .command('restart')
    .description(
      'Start a model anew, as it is written: with a new revision, which reads the model from its URI again. For a model that failed, once the cause is gone, and for new weights under the same URI.',
    )
    .argument('<name...>', 'models, one after the other')
    .option('--no-wait', 'do not wait until it serves')
    .option('--timeout <duration>', 'longest wait for each model', '30m');
  withExamples(withTarget(command), 'dormouse restart iris', 'dormouse restart iris --no-wait').action(
    action(async (names: string[], flags: RestartFlags) =>
      (await import('./restart.ts')).runRestart(names, flags),
    ),
  );
}
