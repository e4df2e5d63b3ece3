import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { shortened } from '#base/problems.ts';
import { PlainError } from '../action.ts';
import { parseDocuments } from './yaml.ts';

/** One object of a YAML file, and where it stands, for error messages. */
export interface SourceDocument {
  readonly where: string;
  readonly value: unknown;
}

/**
 * The YAML or JSON documents of a file, or of standard input where the file is `-`. Empty documents are left out, and
 * a Kubernetes List stands for its items.
 * @throws PlainError naming the file, the document and, for broken YAML, the line
 */
export async function readDocuments(file: string): Promise<SourceDocument[]> {
  const name = file === '-' ? 'standard input' : file;
  const bytes = await (file === '-' ? buffer(process.stdin) : readFile(file)).catch((cause) => {
    throw new PlainError(`${name}: ${fileProblem(cause)}`, { cause });
  });
  const source = parsed(name, () => decoded(bytes));
  const documents = parsed(name, () => parseDocuments(source));
  return documents.flatMap((document, index) => {
    const where = documents.length > 1 ? `${name}, document ${index + 1}` : name;
    const value = parsed(where, () => {
      // What is warned of is left out or taken for something else, as a tag that YAML does not know.
      for (const error of [...document.errors, ...document.warnings])
        throw template.test(source)
          ? new Error('looks like a template of Helm: render it first', { cause: error })
          : error;
      // An object of Kubernetes is JSON: what JSON cannot hold, as an alias within what it stands for, ends here.
      return JSON.parse(JSON.stringify(document.toJS(), plain));
    });
    return itemsOf({ where, value });
  });
}

function itemsOf({ where, value }: SourceDocument): SourceDocument[] {
  if (value === null) return [];
  const { apiVersion, kind, items } = value as Readonly<Record<string, unknown>>;
  if (typeof kind !== 'string' || !kind.endsWith('List') || !Array.isArray(items)) return [{ where, value }];
  // Items of a list of one kind, as the API server gives it, leave out what the list says once.
  const type = kind === 'List' ? {} : { apiVersion, kind: kind.replace(/List$/, '') };
  const typed = (item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item) ? { ...type, ...item } : item;
  return items.map((item, index) => ({ where: `${where}, item ${index + 1}`, value: typed(item) }));
}

/** @throws where the bytes are no text; one that is read wrong would be rendered wrong */
function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Error('is not UTF-8: save it as UTF-8 text', { cause });
  }
}

/** For JSON.stringify, which would write null for a number that is none; zod would pass over the key. */
function plain(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new Error('has a key __proto__, which nothing in Kubernetes has');
  if (typeof value === 'number' && !(Number.isFinite(value) && exact(value)))
    throw new Error(
      `${key}: the number is too large, or none: write one that JSON can hold, or put it in quotes`,
    );
  return value;
}

/** A whole number beyond that came out as another one than was written. */
const exact = (value: number) => !Number.isInteger(value) || Number.isSafeInteger(value);

/** `{{ .Values.name }}` where a value or a line stands. To YAML it is a mapping as the key of another. */
const template = /^[^#"'\n]*\{\{.*\}\}/m;

/** What the YAML parser and JSON.stringify say, and what it means. */
const meanings: readonly (readonly [RegExp, string])[] = [
  [/^Maximum call stack size exceeded/, 'is nested too deeply'],
  [/^Excessive alias count.*/, 'its aliases stand for too much: write out what they stand for'],
  [/^Converting circular structure to JSON.*/, 'has an alias within what it stands for'],
  [/^With stringKeys, all keys must be strings/, 'has a key that is no text'],
  [/^Unresolved tag: (.*?)( at line|$)/, 'has a tag that Kubernetes does not know, $1: leave it out$2'],
];

/** @throws PlainError in place of what the YAML parser throws */
function parsed<T>(where: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    const [line = ''] = String((cause as Error).message).split('\n');
    const words = meanings.reduce((text, [form, meaning]) => text.replace(form, meaning), line);
    throw new PlainError(shortened(`${where}: ${words.replace(/:$/, '')}`), { cause });
  }
}

/** Why a file cannot be read, after its name. */
export function fileProblem(cause: NodeJS.ErrnoException): string {
  if (cause.code === 'ENOENT') return 'no such file';
  if (cause.code === 'EISDIR') return 'is a folder: name a file in it';
  if (cause.code === 'EACCES') return 'may not be read by you';
  return cause.message;
}
