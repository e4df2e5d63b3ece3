import { Command, Option } from 'commander';
import { operatorImage } from '../image.ts';
import { version } from '../version.ts';
import { UsageError } from './errors.ts';

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

  dormouse
    .command('controller')
    .description('Run the operator.')
    .option(
      '--kubeconfig <file>',
      'kubeconfig to use; by default $KUBECONFIG, the pod itself, or ~/.kube/config',
    )
    .option('--context <name>', 'context of the kubeconfig')
    .option('--fetcher-image <image>', 'image with which models are fetched', operatorImage)
    .addOption(
      new Option('--log-level <level>', 'least level that is logged')
        .choices(['debug', 'info', 'warn', 'error'])
        .default('info'),
    )
    .action(
      reported(async (flags) => {
        const { runController } = await import('./controller.ts');
        await runController(flags, untilAskedToStop());
      }),
    );

  return dormouse;
}

const talk = (line: string) => process.stderr.write(`${line}\n`);

/** Ends with exit code 1 and the bare sentence where the caller made a mistake. */
function reported<Args extends unknown[]>(action: (...args: Args) => Promise<void>) {
  return async (...args: Args): Promise<void> => {
    try {
      await action(...args);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      talk(`error: ${error.message}`);
      process.exitCode = 1;
    }
  };
}

function untilAskedToStop(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}
