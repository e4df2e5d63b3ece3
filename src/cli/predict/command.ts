import { type Command, Option } from 'commander';
import { action } from '../action.ts';
import { withExamples, withTarget } from '../flags.ts';
import { protocols } from './request.ts';
import type { PredictFlags } from './run.ts';

/** Adds `dormouse predict`. */
export function addPredict(program: Command): void {
  const command = program
    .command('predict')
    .description('Send a request to a model, and say whether it was asleep and how long it took.')
    .argument('<name>', 'the model')
    .option('-f, --filename <file>', 'a request as JSON, or an array of rows; "-" for standard input')
    .option('--rows <json>', 'rows of values, such as [[5.1, 3.5, 1.4, 0.2]]')
    .option('--text <text>', 'a text, or the prompt of a language model')
    .addOption(new Option('--protocol <name>', "the model's own by default").choices(protocols))
    .option('--model <name>', 'what the server calls the model; its own name by default')
    .option('--path <path>', 'path to POST to, for a server of a protocol of its own')
    .option('--via <host:port>', 'ingress to send to, instead of the URL or the API server')
    .option('--timeout <duration>', 'longest wait for an answer', '10m')
    .option('--verbose', 'all of an answer that reports an error');
  withExamples(
    withTarget(command),
    "dormouse predict iris --rows '[[5.1, 3.5, 1.4, 0.2]]'",
    'dormouse predict iris -f request.json',
    "dormouse predict llm --text 'Once upon a time'",
  ).action(
    action(async (name: string, flags: PredictFlags) => (await import('./run.ts')).runPredict(name, flags)),
  );
}
