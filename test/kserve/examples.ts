import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDocuments } from '#cli/input/yaml.ts';
import { sourceFolders } from '../cluster/gomodules.ts';
import type { KubeObject } from '../cluster/knative/render.ts';

const kserveModule = 'github.com/kserve/kserve';

/** One file of KServe's own, or one block of YAML in a page of its documentation. */
export interface Example {
  /** Such as `docs/samples/graph/switch.yaml`, or `docs/kfp/README.md, block 2`. */
  readonly where: string;
  /** Its objects, or why it has none. */
  readonly objects: readonly KserveObject[] | Error;
}

export interface KserveObject extends KubeObject {
  readonly spec?: Readonly<Record<string, unknown>>;
}

/** Where the Go module of KServe lies on this machine; it is downloaded where it is not there (35 MB). */
export async function kserveFolder(): Promise<string> {
  const { [kserveModule]: folder } = await sourceFolders('kserve', [kserveModule]);
  return folder;
}

/** Every object in the folders `docs` and `config` of KServe but its CRDs; pages of documentation included. */
export async function kserveExamples(folder: string): Promise<Example[]> {
  const files = globSync('{docs,config}/**/*.{yaml,yml,json,md}', { cwd: folder });
  const wanted = files.filter((file) => !file.startsWith('config/crd/')).sort();
  const found = await Promise.all(wanted.map((file) => examplesIn(folder, file)));
  return found.flat();
}

async function examplesIn(folder: string, file: string): Promise<Example[]> {
  const text = await readFile(join(folder, file), 'utf8');
  if (!file.endsWith('.md')) return [{ where: file, objects: objectsOf(text) }];
  return blocksOf(text)
    .filter((block) => /^\s*kind:/m.test(block))
    .map((block, index) => ({ where: `${file}, block ${index + 1}`, objects: objectsOf(block) }));
}

/** What stands between fences, and of a shell command what it is given. */
function blocksOf(page: string): string[] {
  const fenced = [...page.matchAll(/^[ \t]*```[^\n]*\n(.*?)^[ \t]*```/gms)].map(([, block = '']) => block);
  return fenced.flatMap((block) => {
    const given = [...block.matchAll(/<<-?\s*['"]?EOF['"]?[^\n]*\n(.*?)^\s*EOF/gms)];
    return given.length > 0 ? given.map(([, text = '']) => text) : [block];
  });
}

function objectsOf(text: string): KserveObject[] | Error {
  const documents = parseDocuments(filledIn(text));
  const [error] = documents.flatMap(({ errors }) => errors);
  if (error) return error;
  return documents.map((document) => document.toJS()).filter((value) => value?.apiVersion && value.kind);
}

/** With what the reader is told to fill in: `{username}`, `${bucket}`, `<namespace>`. */
const filledIn = (text: string): string =>
  text.replaceAll(/(?<!\{)\$?\{([A-Za-z_]+)\}(?!\})/g, '$1').replaceAll(/<([a-z][-_a-z]*)>/g, '$1');
