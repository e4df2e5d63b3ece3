import type { Command } from 'commander';
import { action } from '../action.ts';
import { withExamples, withOutput, withTarget } from '../flags.ts';
import type { DoctorFlags } from './run.ts';

/** Adds `dormouse doctor`. */
export function addDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .description(
      'Show what a cluster lacks to serve models, and how to mend it. Exit code 1: there are problems.',
    )
    .option('-f, --filename <file...>', 'files or folders with models to run there, "-" for standard input')
    .option('--config <file>', 'settings of the operator, if not those of its Deployment')
    .option('--fix', 'show the patch of each setting that is in the way, ask, and apply it')
    .option('--yes', 'with --fix: do not ask');
  withExamples(
    withOutput(withTarget(command)),
    'dormouse doctor',
    'dormouse doctor -f iris.yaml',
    'dormouse doctor --fix',
  ).action(action(async (flags: DoctorFlags) => (await import('./run.ts')).runDoctor(flags)));
}
