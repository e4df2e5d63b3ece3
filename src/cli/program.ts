import { Command, Option } from 'commander';
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
    .command('controller')
    .description('Run the operator.')
    .option(
      '--kubeconfig <file>',
      'kubeconfig to use; by default $KUBECONFIG, the pod itself, or ~/.kube/config',
    )
    .option('--context <name>', 'context of the kubeconfig')
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
