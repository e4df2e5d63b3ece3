import type { Command } from 'commander';
import { action } from '../action.ts';
import { withExamples, withOutput, withTarget } from '../flags.ts';
import type { StatusFlags } from './run.ts';

/** Adds `dormouse status`. */
export function addStatus(program: Command): void {
  const command = program
    .command('status')
    .description(
      'Show what a model does, and why where it is not ready, from the root cause upward. Exit code 1: a model has failed.',
    )
    .argument('[name...]', 'models')
    .option('--all', 'all models of the namespace')
    .option('-A, --all-namespaces', 'all models of all namespaces')
    .option('--wait', 'wait until the models are ready, or one has failed')
    .option('--timeout <duration>', 'with --wait: longest wait', '30m');
  withExamples(
    withOutput(withTarget(command)),
    'dormouse status iris',
    'dormouse status --all',
    'kubectl apply -f iris.yaml && dormouse status iris --wait --timeout 10m',
  ).action(
    action(async (names: string[], flags: StatusFlags) => (await import('./run.ts')).runStatus(names, flags)),
  );
}
