import type { Command } from 'commander';
import { action } from '../action.ts';
import { type Format, withDiffCodes, withExamples, withFiles, withPrinting } from '../flags.ts';
import { log, print } from '../terminal/terminal.ts';

/** Adds `dormouse import`. */
export function addImport(program: Command): void {
  const command = program
    .command('import')
    .description(
      'Print the InferenceModels and InferenceRuntimes that InferenceServices, ServingRuntimes and ClusterServingRuntimes of KServe and Models of Seldon Core 2 become, and report every field that is not carried over. Exit code: 0 all is carried over, 1 something is not, 2 something went wrong.',
    );
  withExamples(
    withDiffCodes(withPrinting(withFiles(command))),
    'kubectl get isvc,servingruntime -A -o yaml | dormouse import -f - > models.yaml',
  ).action(
    action(async ({ filename, output }: { filename: string[]; output: Format }) => {
      const { runImport } = await import('./import.ts');
      const { text, code } = await runImport({ files: filename, output }, log);
      print(text);
      return code;
    }, 2),
  );
}
