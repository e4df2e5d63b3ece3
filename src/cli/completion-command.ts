import { Argument, type Command } from 'commander';
import { clusterAction } from './action.ts';

/** Adds `dormouse completion`. */
export function addCompletion(program: Command): void {
  program
    .command('completion')
    .description(
      'Print the script that completes dormouse in a shell, such as: source <(dormouse completion bash)',
    )
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .action(
      clusterAction(async (shell: string) => {
        const { completionOf } = await import('./completion.ts');
        process.stdout.write(completionOf(program, shell));
        return undefined;
      }),
    );
}
