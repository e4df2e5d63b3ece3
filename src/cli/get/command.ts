import { type Command, Option } from 'commander';
import { action } from '../action.ts';
import { withExamples, withTarget } from '../flags.ts';
import type { GetFlags } from './get.ts';

/** Adds `dormouse get`. */
export function addGet(program: Command): void {
  const command = program
    .command('get')
    .description('List models: which sleep, which are awake, where they answer.')
    .argument('[name...]', 'models; all by default')
    .option('-A, --all-namespaces', 'of all namespaces')
    .option('-l, --selector <labels>', 'only models with these labels, such as team=risk')
    .option('-w, --watch', 'print each change, until interrupted')
    .addOption(
      new Option('-o, --output <format>', 'more columns, names alone, or for programs').choices([
        'wide',
        'name',
        'json',
        'yaml',
      ]),
    );
  withExamples(withTarget(command), 'dormouse get', 'dormouse get -A -o wide', 'dormouse get iris -w').action(
    action(async (names: string[], flags: GetFlags) => (await import('./get.ts')).runGet(names, flags)),
  );
}
