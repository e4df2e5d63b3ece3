import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { parseAllDocuments } from 'yaml';
import { UsageError } from './errors.ts';

/** One YAML document, and where it stands, for error messages. */
export interface SourceDocument {
  readonly where: string;
  readonly value: unknown;
}

/**
 * The YAML or JSON documents of a file, or of standard input where the file is `-`. Empty documents are left out.
 * @throws UsageError naming the file, the document and, for broken YAML, the line
 */
export async function readDocuments(file: string): Promise<SourceDocument[]> {
  const name = file === '-' ? 'standard input' : file;
  const source = await (file === '-' ? text(process.stdin) : readFile(file, 'utf8')).catch((cause) => {
    throw new UsageError(`${name}: ${reason(cause)}`, { cause });
  });
  const documents = parseAllDocuments(source, { maxAliasCount: 100 } as never);
  return [...documents].flatMap((document, index) => {
    const where = documents.length > 1 ? `${name}, document ${index + 1}` : name;
    const [error] = document.errors;
    if (error) throw new UsageError(`${where}: ${error.message.split('\n')[0]}`);
    const value = document.toJS({ maxAliasCount: 100 });
    return value === null ? [] : [{ where, value }];
  });
}

function reason(cause: NodeJS.ErrnoException): string {
  if (cause.code === 'ENOENT') return 'no such file';
  if (cause.code === 'EISDIR') return 'is a folder: name the files in it';
  return cause.message;
}
