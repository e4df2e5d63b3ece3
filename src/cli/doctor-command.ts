import type { Command } from 'commander';
import { catalogue } from '../catalogue.ts';
import { clusterAction, exitCodes, talk } from './action.ts';
import { openCluster, type Target, withTarget } from './cluster.ts';
import { examine } from './doctor/examine.ts';
import { applyFixes, fixesOf } from './doctor/fix.ts';
import { gather } from './doctor/gather.ts';
import { capabilitiesIn, modelsAmong } from './doctor/models.ts';
import { verdictText } from './doctor/verdict.ts';
import { readDocuments } from './documents.ts';
import { type Format, printed, withOutput } from './output.ts';

interface Flags extends Target {
  readonly filename?: readonly string[];
  readonly fix?: boolean;
  readonly yes?: boolean;
  readonly output?: Format;
}

/** Adds `dormouse doctor`. */
export function addDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .description(
      'Tell what a cluster lacks to serve models, and how to mend it. Exit code 1: there are problems.',
    )
    .option('-f, --filename <file...>', 'files with models that shall run there, "-" for standard input')
    .option('--fix', 'show the patch of each setting that is in the way, ask, and apply it')
    .option('--yes', 'with --fix: do not ask');
  withOutput(withTarget(command)).action(clusterAction(doctor));
}

async function doctor(flags: Flags): Promise<number> {
  const files = await Promise.all((flags.filename ?? []).map(readDocuments));
  const documents = modelsAmong(files.flat());
  const builtIn = catalogue();
  await using cluster = await openCluster(flags);
  const { client, kubernetes, namespace } = cluster;
  const look = async () => {
    const snapshot = await gather(client, kubernetes, namespace);
    return { snapshot, verdicts: examine({ snapshot, builtIn, documents }) };
  };
  let { snapshot, verdicts } = await look();
  const fixes = flags.fix ? fixesOf(verdicts) : [];
  if (fixes.length > 0) {
    const { settingsOwner } = capabilitiesIn(snapshot);
    if (await applyFixes(client, fixes, settingsOwner, flags.yes ?? false)) ({ verdicts } = await look());
  } else if (flags.fix) talk('no setting is in the way');
  process.stdout.write(flags.output ? printed(verdicts, flags.output) : verdictText(verdicts));
  return verdicts.some(({ level }) => level === 'problem') ? exitCodes.failed : exitCodes.done;
}
