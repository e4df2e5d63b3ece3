import { styleText } from 'node:util';
import { Command, Option } from 'commander';
import { ProblemsError } from '../api/problems.ts';
import type { Style } from '../diff/text.ts';
import { version } from '../version.ts';
import { addCompletion } from './completion-command.ts';
import type { DiffOptions } from './diff.ts';
import { addDoctor } from './doctor-command.ts';
import { PlainError } from './errors.ts';
import { addGet } from './get-command.ts';
import type { ModelFlags } from './model-flags.ts';
import { addPredict } from './predict-command.ts';
import type { RenderOptions } from './render.ts';
import { addStatus } from './status-command.ts';
import { addVersion } from './version-command.ts';

/** The command line of `dormouse`. Data goes to standard output, talk and errors to standard error. */
export function program(): Command {
  const dormouse = new Command('dormouse')
    .description('Serverless models on Kubernetes: they sleep when nobody asks and wake when somebody does.')
    .version(version)
    .showHelpAfterError();

  // Each command loads its own code: `render` needs no Kubernetes client.
  modelCommand(dormouse.command('render'))
    .description(
      'Print the Knative Services that the InferenceModels in some files become, in the place of these. All other objects come through, since a GitOps tool deletes from its cluster what no longer comes out.',
    )
    .option(
      '--against <cluster|file>',
      'hold what runs: in the cluster, or in what "kubectl get imodel,iruntime,ksvc,revision,configmap -A -o yaml" saved',
    )
    .addOption(
      new Option(
        '--others <what>',
        'objects that are not ours; an InferenceRuntime is ours, and never printed',
      )
        .choices(['keep', 'drop'])
        .default('keep'),
    )
    .addOption(output('yaml', 'json'))
    .action(
      reported(async (flags: ModelFlags & Pick<RenderOptions, 'others' | 'output'>) => {
        const { others, output } = flags;
        const { withModelFlags } = await import('./model-flags.ts');
        const { render } = await import('./render.ts');
        process.stdout.write(
          await withModelFlags(flags, (options) => render({ ...options, others, output }, talk)),
        );
      }),
    );

  modelCommand(dormouse.command('diff'))
    .description(
      'Tell what applying the InferenceModels in some files would do: which get another revision and why, which pods end and start, what is requested while both run, what is downloaded, what is refused. Exit code: 0 nothing differs, 1 something does, 2 something is refused or went wrong.',
    )
    .option(
      '--against <cluster|file>',
      'what runs: in the cluster, or in what "kubectl get imodel,iruntime,ksvc,revision,configmap -A -o yaml" saved, or models of another commit',
      'cluster',
    )
    .option('--prune', 'count models as gone that are in no file, of the namespaces that the files speak of')
    .addOption(output('text', 'json'))
    // 1 would say that something differs.
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
    .action(
      reported(async ({ prune, output, ...flags }: ModelFlags & Pick<DiffOptions, 'prune' | 'output'>) => {
        const { withModelFlags } = await import('./model-flags.ts');
        const { diff } = await import('./diff.ts');
        const { text, code } = await withModelFlags(flags, (options) =>
          diff({ ...options, prune, output }, talk, paint),
        );
        process.stdout.write(text);
        process.exitCode = code;
      }, 2),
    );

  dormouse
    .command('fetch')
    .description('Fetch a model into a folder, which is complete once it holds .dormouse-complete.')
    .argument(
      '<uri>',
      's3://bucket/key (an object, an archive or all below a prefix), https://... or file://...',
    )
    .argument('<dir>', 'folder that is empty, is to be made, or holds what an interrupted run has left')
    .option('--digest <sha256:hex>', 'digest that the file or archive must have')
    .option('--size <quantity>', 'refuse a model with more bytes than that, e.g. 2Gi')
    .option('--no-unpack', 'leave a .tar, .tar.gz, .tgz or .zip as it is')
    .option('--as <name>', 'name of a model that is one file; "model.*" keeps its extension')
    .option('--concurrency <number>', 'parts fetched at the same time', '8')
    .option('--part-size <quantity>', 'bytes of a part', '32Mi')
    .option('--allow-http', 'fetch from http:// too, which anybody on the way can read and change')
    .option('--anonymous', 'ask S3 without credentials (also AWS_NO_SIGN_REQUEST=true)')
    .addOption(
      new Option('--progress <style>', 'how to tell how far it is')
        .choices(['auto', 'lines', 'bar', 'none'])
        .default('auto'),
    )
    .option('--hold', 'then stay until asked to stop, as a sidecar must')
    .action(async (uri, dir, flags) => {
      const { runFetch } = await import('./fetch.ts');
      process.exitCode = await runFetch(uri, dir, flags, untilAskedToStop());
      if (flags.hold && process.exitCode === 0) (await import('./hold.ts')).hold();
    });

  // Its flags come from the schema of its configuration, which no other command shall have to load.
  dormouse
    .command('controller')
    .description('Run the operator; "dormouse controller --help" tells its settings.')
    .argument('[flags...]')
    .helpOption(false)
    .allowUnknownOption()
    .action(
      reported(async (_flags: string[], _options: object, { args }: Command) => {
        const { readControllerFlags } = await import('./controller-command.ts');
        const read = await readControllerFlags(args);
        if (!read) return;
        const { runController } = await import('./controller.ts');
        await runController(read.cluster, read.config, untilAskedToStop());
      }),
    );

  addGet(dormouse);
  addStatus(dormouse);
  addPredict(dormouse);
  addDoctor(dormouse);
  addVersion(dormouse);
  addCompletion(dormouse);

  return dormouse;
}

/** What commands take that read models. */
const modelCommand = (command: Command): Command =>
  command
    .requiredOption(
      '-f, --filename <file...>',
      'files, folders with all *.yaml, *.yml and *.json below them, or "-" for standard input',
    )
    .option('-n, --namespace <name>', 'namespace of models that name none')
    .option('--config <file>', 'settings of the operator, as of "dormouse controller"')
    .option('--kubeconfig <file>', 'kubeconfig to use; by default $KUBECONFIG or ~/.kube/config')
    .option('--context <name>', 'context of the kubeconfig');

const output = (first: string, ...others: string[]) =>
  new Option('-o, --output <format>', 'how to print').choices([first, ...others]).default(first);

const talk = (line: string) => process.stderr.write(`${line}\n`);

/** Colours on a terminal alone, and not against NO_COLOR. */
const paint = (style: Style, text: string) => styleText(style, text, { stream: process.stdout });

/**
 * Where the caller made a mistake, ends with the bare sentences: exit code 2 for settings, and `code` for all else.
 * That of an error nobody expects is 1 unless `code` says that 1 means something.
 */
function reported<Args extends unknown[]>(action: (...args: Args) => Promise<void>, code = 1) {
  return async (...args: Args): Promise<void> => {
    try {
      await action(...args);
    } catch (error) {
      if (error instanceof PlainError) talk(`error: ${error.message}`);
      else if (error instanceof ProblemsError)
        for (const problem of error.problems) talk(`error: ${problem}`);
      else if (code === 1) throw error;
      else talk(String((error as Error).stack));
      process.exitCode = error instanceof ProblemsError ? 2 : code;
    }
  };
}

function untilAskedToStop(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}
