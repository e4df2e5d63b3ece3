import { inferenceRuntimes } from '#api/group.ts';
import { shortened } from '#base/problems.ts';
import { catalogue } from '#catalogue/catalogue.ts';
import { type ConversionResult, convert } from '#import/convert.ts';
import { type Effect, type Reason, type Remark, reasons } from '#import/reasons.ts';
import { PlainError } from '../action.ts';
import type { Format } from '../flags.ts';
import { readDocuments } from '../input/documents.ts';
import { filesOf } from '../input/files.ts';
import { printedAll } from '../terminal/output.ts';
import type { Log } from '../terminal/terminal.ts';

interface Options {
  readonly files: readonly string[];
  readonly output: Format;
}

interface Imported {
  readonly text: string;
  /** 0 where all is carried over, 1 where something is not. */
  readonly code: 0 | 1;
}

/**
 * What the objects in some files become: runtimes first, since models need them. Everything that they lose, and every
 * object that becomes nothing, is a line of the report.
 * @throws PlainError where a file cannot be read, or has nothing to import
 */
export async function runImport({ files, output }: Options, log: Log): Promise<Imported> {
  const documents = (await Promise.all((await filesOf(files)).map(readDocuments))).flat();
  const objects = documents.flatMap(({ where, value }) => (isObject(value) ? [{ where, value }] : []));
  for (const { where, value } of documents)
    if (!isObject(value))
      log(`${where}: has no apiVersion and kind, so is no object of Kubernetes: left out`);
  const results = convert(objects, catalogue());
  if (!results.some(({ result }) => result === 'converted' || result === 'refused'))
    throw new PlainError(`nothing of KServe or Seldon Core in ${files.join(', ')}`);
  for (const result of results) for (const line of report(result)) log(line);
  log(summary(results));
  return {
    text: printedAll(runtimesFirst(results.flatMap(({ objects }) => objects)), output),
    code: isWhole(results) ? 0 : 1,
  };
}

const isObject = (value: unknown): value is object => {
  const { apiVersion, kind } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return typeof apiVersion === 'string' && typeof kind === 'string';
};

const verdicts = {
  converted: 'converted',
  refused: 'not converted',
  read: 'read for the credentials of models',
  foreign: 'not of KServe or Seldon Core: left out',
} as const satisfies Record<ConversionResult['result'], string>;

/** A line for the object, and below it one for each reason, with the fields that it holds for. */
function report({ where, kind, name, result, remarks }: ConversionResult): string[] {
  const byReason = Map.groupBy(remarks, ({ reason }) => reason);
  const lines = Object.entries(effects).flatMap(([effect, label]) =>
    [...byReason]
      .filter(([reason]) => reasons[reason].effect === effect)
      .map(([reason, same]) => `  ${label} ${sentence(reason, same)}`),
  );
  return [`${where}: ${kind}${name && ` ${name}`}: ${verdicts[result]}`, ...lines];
}

/** In the order in which they are reported. */
const effects = {
  refused: 'because',
  rejected: 'rejected',
  lost: 'lost',
  note: 'note',
} as const satisfies Record<Effect, string>;

/** The message of a reason, and each field that it holds for with what else there is to know of it. */
function sentence(reason: Reason, remarks: readonly Remark[]): string {
  const unique = (texts: readonly (string | undefined)[]) => [
    ...new Set(texts.filter((text) => text !== undefined).map(shortened)),
  ];
  const ofWhole = unique(remarks.map(({ path, detail }) => (path === '' ? detail : undefined)));
  const ofFields = unique(
    remarks.map(({ path, detail }) => {
      if (path === '') return undefined;
      return detail === undefined ? path : `${shortened(path)} (${shortened(detail)})`;
    }),
  );
  const whole = ofWhole.length > 0 ? ` (${ofWhole.join('; ')})` : '';
  const fields = ofFields.length > 0 ? `: ${ofFields.join(', ')}` : '';
  return shortened(`(${reason}): ${reasons[reason].message}${whole}${fields}`);
}

const count = ({ remarks }: ConversionResult, effect: Effect) =>
  remarks.filter(({ reason }) => reasons[reason].effect === effect).length;

const isWhole = (results: readonly ConversionResult[]) =>
  results.every(
    (result) => result.result !== 'refused' && !count(result, 'lost') && !count(result, 'rejected'),
  );

function summary(results: readonly ConversionResult[]): string {
  const converted = results.filter(({ result }) => result === 'converted');
  const rejected = converted.filter((result) => count(result, 'rejected') > 0).length;
  const refused = results.filter(({ result }) => result === 'refused').length;
  const lost = results.reduce((sum, result) => sum + count(result, 'lost'), 0);
  const apart = rejected > 0 ? ` (of these ${rejected} would not be accepted yet)` : '';
  return `converted ${converted.length}${apart}, not converted ${refused}; lost in what is converted: ${lost}`;
}

function runtimesFirst(objects: readonly object[]): object[] {
  const isRuntime = (object: object) => 'kind' in object && object.kind === inferenceRuntimes.kind;
  return [...objects.filter(isRuntime), ...objects.filter((object) => !isRuntime(object))];
}
