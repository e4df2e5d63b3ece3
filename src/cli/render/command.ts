import { type Command, Option } from 'commander';
import { action } from '../action.ts';
import { savedState, withExamples, withModels, withPrinting } from '../flags.ts';
import type { ModelFlags } from '../model-flags.ts';
import { log, print } from '../terminal/terminal.ts';
import type { RenderOptions } from './render.ts';

/** Adds `dormouse render`. */
export function addRender(program: Command): void {
  withExamples(
    withPrinting(withModels(program.command('render'))),
    'dormouse render -f models/ | kubectl apply -f -',
    'dormouse render -f iris.yaml --against cluster',
  )
    .description(
      'Print the Knative Services that the InferenceModels in some files become, in the place of these. All other objects come through, since a GitOps tool deletes from its cluster what no longer comes out.',
    )
    .option('--against <cluster|file>', `hold what runs: in the cluster, or in ${savedState}`)
    .addOption(
      new Option(
        '--others <what>',
        'objects that are not ours; an InferenceRuntime is ours, and never printed',
      )
        .choices(['keep', 'drop'])
        .default('keep'),
    )
    .option(
      '--explain',
      'say on standard error where each value of a server is from: its runtime, profile or model',
    )
    .action(
      action(async (flags: ModelFlags & Pick<RenderOptions, 'explain' | 'others' | 'output'>) => {
        const { explain, others, output } = flags;
        const { withModelFlags } = await import('../model-flags.ts');
        const { render } = await import('./render.ts');
        print(await withModelFlags(flags, (options) => render({ ...options, explain, others, output }, log)));
        return undefined;
      }),
    );
}
