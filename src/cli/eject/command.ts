import type { Command } from 'commander';
import { action } from '../action.ts';
import { withExamples, withOutput, withTarget } from '../flags.ts';
import type { EjectFlags } from './run.ts';

/** Adds `dormouse eject`. */
export function addEject(program: Command): void {
  const command = program
    .command('eject')
    .description(
      'Leave: print the Knative Services of models for Git to own, set them free, and delete the models. What runs goes on untouched: no revision, no pod and no request is lost.',
    )
    .argument('[name...]', 'models')
    .option('--all', 'all models of the namespace')
    .option('-A, --all-namespaces', 'all models of all namespaces')
    .option('--uninstall', 'with -A: delete the operator and its CRDs, too')
    .option('--skip', 'leave models that have no Knative Service of their own, in place of stopping')
    .option('--dry-run', 'print, and change nothing')
    .option('--yes', 'do not ask');
  withExamples(
    withOutput(withTarget(command)),
    'dormouse eject iris --dry-run',
    'dormouse eject -A --uninstall > services.yaml',
  ).action(
    action(async (names: string[], flags: EjectFlags) => (await import('./run.ts')).runEject(names, flags)),
  );
}
