import { constants } from 'node:os';
import { Command } from 'commander';
import { version } from '#base/version.ts';
import { action, untilAskedToStop } from './action.ts';
import { addCache } from './cache/command.ts';
import { addCompletion } from './completion/command.ts';
import { addDelete } from './delete/command.ts';
import { addDiff } from './diff/command.ts';
import { addDoctor } from './doctor/command.ts';
import { addEject } from './eject/command.ts';
import { addFetch } from './fetch/command.ts';
import { addGet } from './get/command.ts';
import { addImport } from './import/command.ts';
import { addLogs } from './logs/command.ts';
import { addPredict } from './predict/command.ts';
import { addRender } from './render/command.ts';
import { addRestart } from './restart/command.ts';
import { addStatus } from './status/command.ts';
import { addUpgrade } from './upgrade/command.ts';
import { addVersion } from './version/command.ts';

/**
 * The command line of `dormouse`. Data goes to standard output, progress and errors to standard error. Each command loads
 * its own code when it is called: `render` needs no Kubernetes client.
 */
export function program(): Command {
  const dormouse = new Command('dormouse')
    .description('Serverless models on Kubernetes: they sleep without requests and wake at the next one.')
    .version(version, '-v, --version')
    .showHelpAfterError('(--help shows what there is)')
    .on('command:*', ([name = '']: string[]) =>
      dormouse.error(
        `error: unknown command '${name}'${otherTools[name] ? `: write "${otherTools[name]}"` : ''}`,
      ),
    );

  addGet(dormouse);
  addStatus(dormouse);
  addPredict(dormouse);
  addLogs(dormouse);
  addRestart(dormouse);
  addDelete(dormouse);
  addDoctor(dormouse);
  addRender(dormouse);
  addDiff(dormouse);
  addUpgrade(dormouse);
  addImport(dormouse);
  addEject(dormouse);
  addFetch(dormouse);
  addCache(dormouse);

  // Its flags come from the schema of its configuration, which no other command needs to load.
  dormouse
    .command('controller')
    .description('Run the operator; "dormouse controller --help" shows its settings.')
    .argument('[flags...]')
    .helpOption(false)
    .allowUnknownOption()
    .action(
      action(async (_flags: string[], _options: object, { args }: Command) => {
        const { readControllerFlags } = await import('./controller/command.ts');
        const read = await readControllerFlags(args);
        if (!read) return undefined;
        const { runController } = await import('./controller/controller.ts');
        await runController(read.cluster, read.config, untilAskedToStop());
        return undefined;
      }),
    );

  addVersion(dormouse);
  addCompletion(dormouse);

  return dormouse;
}

/** What other tools call it, and what it is here. */
const otherTools: Readonly<Record<string, string>> = {
  list: 'dormouse get',
  ls: 'dormouse get',
  describe: 'dormouse status NAME',
  wait: 'dormouse status NAME --wait',
  deploy: 'kubectl apply -f FILE',
  apply: 'kubectl apply -f FILE',
};

/** Runs the program with the words of a command line. */
export async function main(words: readonly string[]): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', endUnread);
  const dormouse = program();
  await dormouse.parseAsync(commandFirst(dormouse, words), { from: 'user' });
}

/** Ends as programs do by SIGPIPE, which Node.js ignores, where nobody reads on, as in `| head`. */
function endUnread(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(128 + constants.signals.SIGPIPE);
}

/**
 * The same words with flags that stand before the command behind it, as kubectl takes them there too:
 * `-n team get` is `get -n team`, `-n team cache prune` is `cache prune -n team`. Flags of the program itself stay.
 */
export function commandFirst(dormouse: Command, words: readonly string[]): string[] {
  const options = dormouse.commands.flatMap(({ options, commands }) => [
    ...options,
    ...commands.flatMap((below) => below.options),
  ]);
  const valued = new Set(
    options.filter(({ required }) => required).flatMap(({ short, long }) => [short, long]),
  );
  const own = new Set(['-h', '--help', '-v', '--version', '--']);
  let index = 0;
  for (let word = words[0]; word?.startsWith('-'); word = words[index]) {
    if (own.has(word)) return [...words];
    index += valued.has(word) ? 2 : 1;
  }
  const command = dormouse.commands.find((each) => each.name() === words[index]);
  const isBelow = command?.commands.some((each) => each.name() === words[index + 1]);
  const end = index + (isBelow ? 2 : 1);
  return [...words.slice(index, end), ...words.slice(0, index), ...words.slice(end)];
}
