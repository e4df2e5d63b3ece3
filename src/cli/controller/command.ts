import { readFile } from 'node:fs/promises';
import { Command, CommanderError, Option } from 'commander';
import { type Config, ConfigError, type Given, loadConfig, type Setting, settings } from '#config/load.ts';
import { messageOf } from '#kube/client/errors.ts';
import { withCluster } from '../flags.ts';

/** The way to the cluster, which is a matter of the caller and no setting of the operator. */
export interface ClusterFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
}

/**
 * Reads the command line of `dormouse controller`.
 * @returns nothing where it was only asked for help
 * @throws ConfigError with a sentence for each mistake
 */
export async function readControllerFlags(
  args: readonly string[],
): Promise<{ readonly cluster: ClusterFlags; readonly config: Config } | undefined> {
  const parsed = parse(controllerCommand(), args);
  if (!parsed) return undefined;
  const { cluster, file: path, given } = parsed;
  const file = path === undefined ? undefined : { name: path, text: await readConfig(path) };
  return { cluster, config: loadConfig(file, given) };
}

/**
 * Reads the command line of an operator that runs elsewhere, perhaps in a newer version: flags that this one does not
 * know are passed over.
 * @returns what its flags alone say, and the path of a file that says more
 * @throws ConfigError
 */
export function readForeignFlags(args: readonly string[]): {
  readonly config: Config;
  readonly file?: string;
} {
  const { command, options } = controllerCommand();
  command.allowUnknownOption().allowExcessArguments().helpOption(false);
  const { given = [], file } = parse({ command, options }, args) ?? {};
  return { config: loadConfig(undefined, given), ...(file !== undefined && { file }) };
}

interface Parsed {
  readonly cluster: ClusterFlags;
  readonly file: string | undefined;
  readonly given: readonly Given[];
}

/**
 * @returns nothing where it was only asked for help
 * @throws ConfigError with a sentence for each mistake
 */
function parse(
  { command, options }: ReturnType<typeof controllerCommand>,
  args: readonly string[],
): Parsed | undefined {
  const said: string[] = [];
  command.exitOverride().configureOutput({ outputError: (text) => void said.push(text.trim()) });
  try {
    command.parse([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return undefined;
    throw new ConfigError(said.map((text) => text.replace(/^error: /, '')));
  }
  const { config: file, kubeconfig, context, ...values } = command.opts<Record<string, string | undefined>>();
  const given = [...options]
    .map(([setting, option]) => ({ setting, value: values[option.attributeName()] }))
    .filter(({ value }) => value !== undefined);
  return { cluster: { kubeconfig, context }, file, given };
}

function controllerCommand() {
  const command = withCluster(
    new Command('dormouse controller')
      .description(
        'Run the operator. Each setting is a flag, and a key of the file of --config; flags go first.',
      )
      .option('--config <file>', 'YAML file with settings'),
  );
  const options = new Map(settings.map((setting) => [setting, optionOf(setting)]));
  for (const option of options.values()) command.addOption(option);
  return { command, options };
}

function optionOf({ flag, path, description, default: value, read }: Setting): Option {
  const standard =
    value === undefined || (Array.isArray(value) && value.length === 0) ? '' : ` (default: ${value})`;
  const option = new Option(flag, `${description}${standard} [${path.join('.')}]`);
  return read ? option.argParser(read) : option;
}

export async function readConfig(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new ConfigError([`--config: cannot read ${path}: ${messageOf(cause)}`]);
  }
}
