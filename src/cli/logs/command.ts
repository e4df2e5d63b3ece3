import { type Command, InvalidArgumentError, Option } from 'commander';
import { action } from '../action.ts';
import { withExamples, withTarget } from '../flags.ts';
import type { LogsFlags } from './logs.ts';

function lineCount(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Write a number of lines.');
}

/** Adds `dormouse logs`. */
export function addLogs(program: Command): void {
  const command = program
    .command('logs')
    .description('Print the log of the newest pod of a model, or of the operator that leads.')
    .argument('[name]', 'the model')
    .addOption(
      new Option('-c, --container <name>', 'which container').choices(['server', 'fetch', 'queue-proxy']),
    )
    .option('-p, --previous', 'of the container before its last restart')
    .option('-f, --follow', 'go on with what comes, until interrupted')
    .option('--tail <lines>', 'only lines from the end', lineCount)
    .option('--operator', 'of the operator in place of a model');
  withExamples(
    withTarget(command),
    'dormouse logs iris',
    'dormouse logs iris -c fetch',
    'dormouse logs iris --previous',
    'dormouse logs --operator -f',
  ).action(
    action(async (name: string | undefined, flags: LogsFlags) =>
      (await import('./logs.ts')).runLogs(name, flags),
    ),
  );
}
