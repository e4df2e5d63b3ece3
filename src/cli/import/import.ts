import { inferenceRuntimes } from '#api/group.ts';
import { shortened } from '#base/problems.ts';
import { catalogue } from '#catalogue/catalogue.ts';
import { convert, type Outcome } from '#import/convert.ts';
import { type Effect, type Remark, reasons } from '#import/reasons.ts';
import { PlainError } from '../errors.ts';
import type { Format } from '../flags.ts';
import { readDocuments } from '../input/documents.ts';
import { filesOf } from '../input/files.ts';
import { printedAll } from '../terminal/output.ts';
import type { Talk } from '../terminal/terminal.ts';

interface Options {
  readonly files: readonly string[];
  readonly output: Format;
}

interface Result {
  readonly text: string;
  /** 0 where all is carried over, 1 where something is not. */
  readonly code: 0 | 1;
}

/**
 * What the objects in some files become, runtimes first, since models need them. Everything that they lose, and every
 * object that becomes nothing, is told.
 * @throws PlainError where a file cannot be read, or has nothing to import
 */
export async function runImport({ files, output }: Options, talk: Talk): Promise<Result> {
  const documents = (await Promise.all((await filesOf(files)).map(readDocuments))).flat();
  const objects = documents.flatMap(({ where, value }) => (isObject(value) ? [{ where, value }] : []));
  for (const { where, value } of documents)
    if (!isObject(value))
      talk(`${where}: has no apiVersion and kind, so is no object of Kubernetes: left out`);
  const outcomes = convert(objects, catalogue());
  if (!outcomes.some(({ result }) => result !== 'foreign'))
    throw new PlainError(`nothing of KServe or Seldon Core in ${files.join(', ')}`);
  for (const outcome of outcomes) for (const line of told(outcome)) talk(line);
  talk(summary(outcomes));
  return {
    text: printedAll(runtimesFirst(outcomes.flatMap(({ objects }) => objects)), output),
    code: isWhole(outcomes) ? 0 : 1,
  };
}

const isObject = (value: unknown): value is object => {
  const { apiVersion, kind } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return typeof apiVersion === 'string' && typeof kind === 'string';
};

/** A line for the object, and below it one for each reason, with the fields that it holds for. */
function told({ where, kind, name, result, remarks }: Outcome): string[] {
  const head = `${where}: ${kind}${name && ` ${name}`}`;
  if (result === 'foreign') return [`${head}: not of KServe or Seldon Core: left out`];
  const order = Object.keys(effects);
  const ranked = remarks.toSorted(
    (left, right) => order.indexOf(reasons[left.reason].effect) - order.indexOf(reasons[right.reason].effect),
  );
  const lines = [...Map.groupBy(ranked, sentence)].map(([words, same]) => {
    const paths = same.map(({ path }) => shortened(path)).filter((path) => path !== '');
    return `  ${words}${paths.length > 0 ? `: ${paths.join(', ')}` : ''}`;
  });
  return [`${head}: ${result === 'converted' ? 'converted' : 'not converted'}`, ...lines];
}

const effects = { refused: 'because', lost: 'lost', note: 'note' } as const satisfies Record<Effect, string>;

function sentence({ reason, detail }: Remark): string {
  const { effect, words } = reasons[reason];
  return shortened(`${effects[effect]} (${reason}): ${words}${detail === undefined ? '' : ` (${detail})`}`);
}

const lostOf = ({ remarks }: Outcome) =>
  remarks.filter(({ reason }) => reasons[reason].effect === 'lost').length;

const isWhole = (outcomes: readonly Outcome[]) =>
  outcomes.every((outcome) => outcome.result !== 'refused' && lostOf(outcome) === 0);

function summary(outcomes: readonly Outcome[]): string {
  const count = (result: Outcome['result']) => outcomes.filter((outcome) => outcome.result === result).length;
  const lost = outcomes.reduce((sum, outcome) => sum + lostOf(outcome), 0);
  return `converted ${count('converted')}, not converted ${count('refused')}; lost in what is converted: ${lost}`;
}

function runtimesFirst(objects: readonly object[]): object[] {
  const isRuntime = (object: object) => 'kind' in object && object.kind === inferenceRuntimes.kind;
  return [...objects.filter(isRuntime), ...objects.filter((object) => !isRuntime(object))];
}
