import { Command } from 'commander';
import { version } from '#base/version.ts';
import { action, untilAskedToStop } from './action.ts';
import { addCompletion } from './completion/command.ts';
import { addDiff } from './diff/command.ts';
import { addDoctor } from './doctor/command.ts';
import { addEject } from './eject/command.ts';
import { addFetch } from './fetch/command.ts';
import { addGet } from './get/command.ts';
import { addImport } from './import/command.ts';
import { addPredict } from './predict/command.ts';
import { addRender } from './render/command.ts';
import { addStatus } from './status/command.ts';
import { addUpgrade } from './upgrade/command.ts';
import { addVersion } from './version/command.ts';

/**
 * The command line of `dormouse`. Data goes to standard output, log and errors to standard error. Each command loads
 * its own code when it is called: `render` needs no Kubernetes client.
 */
export function program(): Command {
  const dormouse = new Command('dormouse')
    .description('Serverless models on Kubernetes: they sleep when nobody asks and wake when somebody does.')
    .version(version)
    .showHelpAfterError('(--help tells what there is)');

  addRender(dormouse);
  addDiff(dormouse);
  addUpgrade(dormouse);
  addFetch(dormouse);
  addImport(dormouse);

  // Its flags come from the schema of its configuration, which no other command shall have to load.
  dormouse
    .command('controller')
    .description('Run the operator; "dormouse controller --help" tells its settings.')
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

  addGet(dormouse);
  addStatus(dormouse);
  addPredict(dormouse);
  addDoctor(dormouse);
  addEject(dormouse);
  addVersion(dormouse);
  addCompletion(dormouse);

  return dormouse;
}
