import { fileNameFor } from '#sources/file-name.ts';
import type { ModelUri } from '#sources/uri.ts';
import { shownBytes } from './disk.ts';
import { type FetchError, permanent } from './errors.ts';
import { assertDistinct, safePath } from './paths.ts';
import { matcher } from './patterns.ts';
import type { Layers, RemoteFile } from './source.ts';

/** What will be downloaded. */
export interface Plan {
  readonly files: readonly RemoteFile[];
  readonly revision?: string | undefined;
  /** Set when the files are to be unpacked: an archive is one layer, an image has several. */
  readonly layers?: Layers | undefined;
  /** Bytes of all files; unknown where the server does not say. */
  readonly total: number | undefined;
  /** The most bytes that may arrive. */
  readonly limit: number;
}

export interface FetchRequest {
  readonly unpack: boolean;
  /** What a model that is one file is called, as checked by `parseFileName`. */
  readonly as?: string | undefined;
  /** Patterns of the paths to fetch; unset for all. */
  readonly include?: readonly string[] | undefined;
  /** Patterns of paths not to fetch. */
  readonly exclude?: readonly string[] | undefined;
  /** Hex of the SHA-256 that the only file must have. */
  readonly sha256?: string | undefined;
  /** The most bytes that the model may have. */
  readonly size?: number | undefined;
}

/**
 * Checks what a source offers before a byte of it is fetched.
 * @throws FetchError when there is nothing, a name is unsafe, the model is too big, or a digest is wanted of several files
 */
export function makePlan(
  uri: ModelUri,
  listed: readonly RemoteFile[],
  request: FetchRequest,
  image?: Layers,
): Plan {
  const archive = request.unpack && listed.length === 1 ? uri.archive : undefined;
  const layers = image ?? (archive && { kinds: [archive], path: '' });
  const named = listed.map((file) => ({ ...file, path: safePath(file.path, uri.shown) }));
  // The patterns are of the files that are in them.
  const files = layers ? named : wanted(named, uri.shown, request);
  assertDistinct(
    files.map(({ path }) => path),
    uri.shown,
  );
  if (request.sha256 && files.length > 1) {
    throw permanent(
      `${uri.shown}: a digest is of one file or archive, and these are ${files.length} files: leave it out, or pack them.`,
    );
  }
  const limit = request.size === undefined ? Infinity : layers ? packed(request.size) : request.size;
  // What may come of unknown size is looked at when it is there.
  if (files.every(({ size }) => size === 0)) throw nothingThere(uri.shown);
  const total = files.every(({ size }) => size !== undefined)
    ? files.reduce((sum, { size = 0 }) => sum + size, 0)
    : undefined;
  if (total !== undefined && total > limit) throw tooBig(uri.shown, total, request.size ?? limit);
  const placed = layers ? files : renamed(files, request);
  return { files: declared(placed, request), layers, total, limit };
}

/** Whether a path is one to fetch. */
export function patternsOf({ include, exclude = [] }: FetchRequest): (path: string) => boolean {
  const [isIn, isOut] = [include ? matcher(include) : () => true, matcher(exclude)];
  return (path) => isIn(path) && !isOut(path);
}

/** The files that the patterns leave. */
function wanted(files: readonly RemoteFile[], where: string, request: FetchRequest): readonly RemoteFile[] {
  const isWanted = patternsOf(request);
  const found = files.filter(({ path }) => isWanted(path));
  if (found.length > 0 || files.length === 0) return found;
  const some = files.slice(0, 3).map(({ path }) => path);
  throw permanent(
    `${where}: of its ${files.length} files (${some.join(', ')}${files.length > 3 ? ', ...' : ''}) include and exclude leave none: correct the patterns.`,
  );
}

/** What the user declares of the only file holds before what its server says. */
function declared(files: readonly RemoteFile[], { sha256 }: FetchRequest): readonly RemoteFile[] {
  if (sha256 === undefined) return files;
  const digest = { algorithm: 'sha256', value: sha256, isDeclared: true } as const;
  return files.map((file) => ({ ...file, digest }));
}

/** A file that is the whole model may get another name; several keep theirs, for they may name each other. */
function renamed(files: readonly RemoteFile[], { as }: FetchRequest): readonly RemoteFile[] {
  const [only, ...others] = files;
  if (!as || !only || others.length > 0 || only.path.includes('/')) return files;
  return [{ ...only, path: fileNameFor(as, only.path) }];
}

/** The most that an archive of `size` bytes may take itself: its headers and padding add to what it holds. */
export const packed = (size: number): number => Math.ceil(size * 1.1) + 1024 * 1024;

/** A model of no bytes is none: an upload that was cut, or a folder that only looks like one. */
export const nothingThere = (where: string): FetchError =>
  permanent(`${where}: all that is there has 0 bytes: check the URI, or upload the model anew.`);

/** `bytes` is unknown where more came than a server had said. */
export function tooBig(where: string, bytes: number | undefined, declared: number): FetchError {
  const found = bytes === undefined ? 'there are' : `its ${bytes} bytes (${shownBytes(bytes)}) are`;
  return permanent(`${where}: ${found} more than the declared ${declared} bytes (${shownBytes(declared)})`, {
    advice: { Prompt: 'correct --size, or the model', Pod: 'correct spec.model.maxSize, or the model' },
  });
}
