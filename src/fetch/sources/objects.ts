import { posix } from 'node:path';
import { codingsOf } from '../encoding.ts';
import { permanent } from '../errors.ts';
import type { Page, RemoteFile } from '../source.ts';

/** An object as its store describes it. */
export interface StoredObject {
  readonly name: string;
  readonly size?: number | undefined;
  /** See `RemoteFile`. */
  readonly etag?: string | undefined;
  /** Its `Content-Encoding`; not every list says it. */
  readonly encoding?: string | undefined;
}

/** A bucket or a container: it has objects, and no folders. */
export interface ObjectStore {
  /** An object as a URI. */
  readonly shown: (name: string) => string;
  /** The object of that name; undefined where there is none. */
  readonly find: (name: string, signal: AbortSignal) => Promise<StoredObject | undefined>;
  /** Objects whose names begin with a prefix: the first page, or the one that begins at `next`. */
  readonly page: (
    prefix: string,
    next: string | undefined,
    signal: AbortSignal,
  ) => Promise<{ readonly objects: readonly StoredObject[]; readonly next?: string | undefined }>;
}

/**
 * The files of a model: the one object that its key names, else all whose names begin with the key and a `/`.
 * @throws FetchError where there are none
 */
export async function listObjects(
  { shown, find, page }: ObjectStore,
  key: string,
  next: string | undefined,
  signal: AbortSignal,
): Promise<Page> {
  const describe = ({ name, size, etag, encoding }: StoredObject, path: string): RemoteFile => {
    const file = { id: name, path, where: shown(name), etag };
    // Neither a range nor a size of what is packed says anything of the file.
    return codingsOf(encoding, name).length > 0
      ? { ...file, ranges: false }
      : { ...file, size, ranges: etag !== undefined };
  };
  const isFolder = key === '' || key.endsWith('/');
  const object = next === undefined && !isFolder && (await find(key, signal));
  if (object) return { files: [describe(object, posix.basename(key))] };
  const prefix = isFolder ? key : `${key}/`;
  const found = await page(prefix, next, signal);
  const files = found.objects
    // Consoles make an empty object for a folder.
    .filter(({ name }) => !name.endsWith('/'))
    .map((object) => describe(object, object.name.slice(prefix.length)));
  if (files.length === 0 && next === undefined && found.next === undefined) {
    throw permanent(
      `${shown(key)}: there is no such object, and none below ${shown(prefix)}: check the URI${hintOf(key)}.`,
    );
  }
  return { files, next: found.next };
}

/** Keys that were copied from a browser are encoded. */
const hintOf = (key: string): string =>
  /%[0-9a-f]{2}/i.test(key) ? ', and write the characters themselves: in a key nothing is decoded' : '';
