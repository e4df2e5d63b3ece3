import { type Command, Option } from 'commander';
import type { ClusterFlags } from './controller-command.ts';

/** What commands that talk to a cluster take, as `kubectl` does. */
export interface Target extends ClusterFlags {
  readonly namespace?: string;
}

export type Format = 'json' | 'yaml';

/** Adds the flags of {@link Target} to a command. */
export const withTarget = (command: Command): Command =>
  command
    .option(
      '--kubeconfig <file>',
      'kubeconfig to use; by default $KUBECONFIG, the pod itself, or ~/.kube/config',
    )
    .option('--context <name>', 'context of the kubeconfig')
    .option('-n, --namespace <name>', 'namespace; by default that of the context');

/** Adds `-o` to a command: without it, text for people. */
export const withOutput = (command: Command): Command =>
  command.addOption(new Option('-o, --output <format>', 'for programs').choices(['json', 'yaml']));
