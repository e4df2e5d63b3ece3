import { Argument, type Command } from 'commander';
import { completionOf, shells } from './completion.ts';

/** Adds `dormouse completion`. */
export function addCompletion(program: Command): void {
  program
    .command('completion')
    .description(
      'Print the script that completes dormouse in a shell, such as: source <(dormouse completion bash)',
    )
    .addArgument(new Argument('<shell>').choices(shells))
    .action((shell: string) => {
      process.stdout.write(completionOf(program, shell));
    });
}
