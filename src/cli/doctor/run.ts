import { catalogue } from '#catalogue/catalogue.ts';
import { exitCodes } from '../action.ts';
import { readOperatorSettings } from '../cluster/installed-operator.ts';
import { openCluster } from '../cluster/open.ts';
import type { Format, Target } from '../flags.ts';
import { readDocuments } from '../input/documents.ts';
import { filesOf } from '../input/files.ts';
import { printed } from '../terminal/output.ts';
import { log, print, screen } from '../terminal/terminal.ts';
import { examine } from './examine.ts';
import { applyFixes, fixesOf } from './fix.ts';
import { gather } from './gather.ts';
import { capabilitiesIn, type JudgedModel, judgeModels, modelsAmong } from './models.ts';
import { gatherSurroundings, type Surroundings } from './surroundings.ts';
import { verdictText } from './verdict.ts';

export interface DoctorFlags extends Target {
  readonly filename?: readonly string[];
  readonly config?: string;
  readonly fix?: boolean;
  readonly yes?: boolean;
  readonly output?: Format;
}

/** Prints what a cluster lacks, mends what it may, and gives the exit code. */
export async function runDoctor(flags: DoctorFlags): Promise<number> {
  const files = await Promise.all((await filesOf(flags.filename ?? [])).map(readDocuments));
  const documents = modelsAmong(files.flat());
  const operatorSettings = await readOperatorSettings(flags.config);
  const builtIn = catalogue();
  await using cluster = await openCluster(flags);
  const { client, kubernetes, namespace } = cluster;
  const look = async () => {
    const snapshot = await gather(client, kubernetes, namespace);
    const models = judgeModels(snapshot, builtIn, documents, operatorSettings);
    const surroundings = new Map<JudgedModel, Surroundings>();
    for (const model of models)
      if (model.demands) surroundings.set(model, await gatherSurroundings(client, model.demands));
    return { snapshot, verdicts: examine({ snapshot, builtIn, models, surroundings, operatorSettings }) };
  };
  let { snapshot, verdicts } = await look();
  const fixes = flags.fix ? fixesOf(verdicts) : [];
  if (fixes.length > 0) {
    const { settingsOwner } = capabilitiesIn(snapshot);
    if (await applyFixes(client, fixes, settingsOwner, flags.yes ?? false, log))
      ({ verdicts } = await look());
  } else if (flags.fix) log('no setting is in the way');
  print(flags.output ? printed(verdicts, flags.output) : verdictText(verdicts, screen()));
  return verdicts.some(({ level }) => level === 'problem') ? exitCodes.failed : exitCodes.done;
}
