import { Argument, type Command } from 'commander';
import { action } from '../action.ts';

/** Adds `dormouse completion`. */
export function addCompletion(program: Command): void {
  program
    .command('completion')
    .description(
      'Print the script that completes dormouse in a shell, such as: source <(dormouse completion bash)',
    )
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish', 'kubectl']))
    .action(
      action(async (shell: string) => {
        const { completionOf } = await import('./completion.ts');
        process.stdout.write(completionOf(program, shell));
        return undefined;
      }),
    );
  program
    .command('__complete', { hidden: true })
    .argument('[word...]')
    .helpOption(false)
    .allowUnknownOption()
    .action(
      action(async (words: string[]) => {
        const { completed } = await import('./complete.ts');
        const { completableOf } = await import('./completion.ts');
        process.stdout.write(completed(completableOf(program), words));
        return undefined;
      }),
    );
}
