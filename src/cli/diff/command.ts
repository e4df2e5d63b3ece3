import { type Command, Option } from 'commander';
import { action } from '../action.ts';
import { savedState, withDiffCodes, withExamples, withModels } from '../flags.ts';
import type { ModelFlags } from '../model-flags.ts';
import { log, paint, print } from '../terminal/terminal.ts';
import type { DiffOptions } from './diff.ts';

/** Adds `dormouse diff`. */
export function addDiff(program: Command): void {
  withExamples(
    withDiffCodes(withModels(program.command('diff'))),
    'dormouse diff -f models/',
    'dormouse diff -f iris.yaml --against saved.yaml',
  )
    .description(
      'Show what applying the InferenceModels in some files would do: which get another revision and why, which pods end and start, what is requested while both run, what is downloaded, what is refused. Exit code: 0 nothing differs, 1 something does, 2 something is refused or went wrong.',
    )
    .option(
      '--against <cluster|file>',
      `what runs: in the cluster, or in ${savedState}, or models of another commit`,
      'cluster',
    )
    .option('--prune', 'count models as gone that are in no file, of the namespaces that the files speak of')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .action(
      action(async ({ prune, output, ...flags }: ModelFlags & Pick<DiffOptions, 'prune' | 'output'>) => {
        const { withModelFlags } = await import('../model-flags.ts');
        const { diff } = await import('./diff.ts');
        const { text, code } = await withModelFlags(flags, (options) =>
          diff({ ...options, prune, output }, log, paint),
        );
        print(text);
        return code;
      }, 2),
    );
}
