import { type Command, Option } from 'commander';
import { reported, talk } from './action.ts';
import type { Format } from './flags.ts';

/** Adds `dormouse import`. */
export function addImport(program: Command): void {
  program
    .command('import')
    .description(
      'Print the InferenceModels and InferenceRuntimes that InferenceServices, ServingRuntimes and ClusterServingRuntimes of KServe and Models of Seldon Core 2 become, and tell of every field that is not carried over. Exit code: 0 all is carried over, 1 something is not, 2 something went wrong.',
    )
    .requiredOption(
      '-f, --filename <file...>',
      'files, folders with all *.yaml, *.yml and *.json below them, or "-" for standard input',
    )
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['yaml', 'json']).default('yaml'))
    // 1 would say that something is not carried over.
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
    .action(
      reported(async ({ filename, output }: { filename: string[]; output: Format }) => {
        const { runImport } = await import('./import.ts');
        const { text, code } = await runImport({ files: filename, output }, talk);
        process.stdout.write(text);
        process.exitCode = code;
      }, 2),
    );
}
