import { Command, Option } from 'commander';
import { ProblemsError } from '../api/problems.ts';
import { version } from '../version.ts';
import { PlainError } from './errors.ts';

/** The command line of `dormouse`. Data goes to standard output, talk and errors to standard error. */
export function program(): Command {
  const dormouse = new Command('dormouse')
    .description('Serverless models on Kubernetes: they sleep when nobody asks and wake when somebody does.')
    .version(version)
    .showHelpAfterError();

  // Each command loads its own code: `render` needs no Kubernetes client.
  dormouse
    .command('render')
    .description('Print the Knative Services that the InferenceModels in some files become.')
    .requiredOption('-f, --filename <file...>', 'files with InferenceModels, "-" for standard input')
    .action(
      reported(async ({ filename }: { filename: string[] }) => {
        const { render } = await import('./render.ts');
        process.stdout.write(await render(filename, talk));
      }),
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

  return dormouse;
}

const talk = (line: string) => process.stderr.write(`${line}\n`);

/** Where the caller made a mistake, ends with the bare sentences: exit code 2 for settings, 1 for all else. */
function reported<Args extends unknown[]>(action: (...args: Args) => Promise<void>) {
  return async (...args: Args): Promise<void> => {
    try {
      await action(...args);
    } catch (error) {
      if (error instanceof PlainError) talk(`error: ${error.message}`);
      else if (error instanceof ProblemsError)
        for (const problem of error.problems) talk(`error: ${problem}`);
      else throw error;
      process.exitCode = error instanceof ProblemsError ? 2 : 1;
    }
  };
}

function untilAskedToStop(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}
