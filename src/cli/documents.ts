import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { PlainError } from './errors.ts';
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
  const source = await (file === '-' ? text(process.stdin) : readFile(file, 'utf8')).catch((cause) => {
    throw new PlainError(`${name}: ${reason(cause)}`, { cause });
  });
  const documents = parsed(name, () => parseDocuments(source));
  return documents.flatMap((document, index) => {
    const where = documents.length > 1 ? `${name}, document ${index + 1}` : name;
    const value = parsed(where, () => {
      if (document.errors[0]) throw document.errors[0];
      // An object of Kubernetes is JSON: what JSON cannot hold, as an alias within what it stands for, ends here.
      return JSON.parse(JSON.stringify(document.toJS()));
    });
    return itemsOf({ where, value });
  });
}

function itemsOf({ where, value }: SourceDocument): SourceDocument[] {
  if (value === null) return [];
  const { kind, items } = value as { readonly kind?: unknown; readonly items?: unknown };
  if (typeof kind !== 'string' || !kind.endsWith('List') || !Array.isArray(items)) return [{ where, value }];
  return items.map((item, index) => ({ where: `${where}, item ${index + 1}`, value: item }));
}

/** @throws PlainError in place of what the YAML parser throws */
function parsed<T>(where: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    const [line] = String((cause as Error).message).split('\n');
    throw new PlainError(`${where}: ${line?.replace(/:$/, '')}`, { cause });
  }
}

function reason(cause: NodeJS.ErrnoException): string {
  if (cause.code === 'ENOENT') return 'no such file';
  if (cause.code === 'EISDIR') return 'is a folder: name the files in it';
  return cause.message;
}
