import { Argument, type Command } from 'commander';
import { action } from '../action.ts';
import { withExamples } from '../flags.ts';

/** Adds `dormouse completion`. */
export function addCompletion(program: Command): void {
  const command = program
    .command('completion')
    .description('Print the script that completes dormouse in a shell, or as a plugin of kubectl.')
    .addArgument(new Argument('<shell>', 'where it is used').choices(['bash', 'zsh', 'fish', 'kubectl']));
  withExamples(
    command,
    'source <(dormouse completion bash)    # in ~/.bashrc; zsh: the same in ~/.zshrc',
    'dormouse completion fish > ~/.config/fish/completions/dormouse.fish',
    'dormouse completion kubectl > /usr/local/bin/kubectl_complete-dormouse    # and chmod +x',
  ).action(
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
        const { valuesOf, whereIn } = await import('./values.ts');
        const where = whereIn(words);
        process.stdout.write(await completed(completableOf(program), words, (kind) => valuesOf(kind, where)));
        return undefined;
      }),
    );
}
