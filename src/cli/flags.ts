import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ClusterFlags } from './controller/command.ts';

/** Flags of a command that reaches a cluster, named as those of `kubectl`. */
export interface Target extends ClusterFlags {
  readonly namespace?: string;
}

export type Format = 'json' | 'yaml';

/** Adds the flags of {@link ClusterFlags}. */
export const withCluster = (command: Command): Command =>
  command
    .option(
      '--kubeconfig <file>',
      'kubeconfig to use; by default $KUBECONFIG, the pod itself, or ~/.kube/config',
    )
    .option('--context <name>', 'context of the kubeconfig');

function namespaceName(text: string): string {
  if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)) return text;
  throw new InvalidArgumentError('Write the name of a namespace: lower case letters, digits and "-".');
}

/** Adds the flags of {@link Target} to a command. */
export const withTarget = (command: Command): Command =>
  withCluster(command).option(
    '-n, --namespace <name>',
    'namespace; by default that of the context',
    namespaceName,
  );

/** Adds `-f` to a command that reads files. */
export const withFiles = (command: Command): Command =>
  command.requiredOption(
    '-f, --filename <file...>',
    'files, folders with all *.yaml, *.yml and *.json below them, or "-" for standard input',
  );

/** Adds the flags of a command that reads models. */
export const withModels = (command: Command): Command =>
  withCluster(
    withFiles(command)
      .option('-n, --namespace <name>', 'namespace of models that name none', namespaceName)
      .option('--config <file>', 'settings of the operator, if not those of its Deployment'),
  );

/** Saves all of a cluster that the operator would look at. */
export const saveCommand = 'kubectl get imodel,iruntime,ksvc,revision,configmap,deployment -A -o yaml';
/** What `--against` may be, besides a cluster. */
export const savedState = `what "${saveCommand}" saved`;

/** Adds `-o` to a command whose output is objects. */
export const withPrinting = (command: Command): Command =>
  command.addOption(
    new Option('-o, --output <format>', 'how to print').choices(['yaml', 'json']).default('yaml'),
  );

/** A mistake in the flags ends with 2, for a command whose exit code 1 says that something differs. */
export const withDiffCodes = (command: Command): Command =>
  command.exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));

/** Adds `-o` to a command: without it, text for people. */
export const withOutput = (command: Command): Command =>
  command.addOption(new Option('-o, --output <format>', 'for programs').choices(['json', 'yaml']));

/** Adds examples below the help of a command. */
export const withExamples = (command: Command, ...examples: readonly string[]): Command =>
  command.addHelpText('after', `\nExamples:\n${examples.map((example) => `  ${example}\n`).join('')}`);
