import { shownBytes } from './bytes.ts';
import { type FetchError, refused } from './errors.ts';
import { fileNameFor } from './filename.ts';
import { assertDistinct, safePath } from './paths.ts';
import type { RemoteFile } from './source.ts';
import { type ArchiveKind, archiveKind, type ModelUri } from './uri.ts';

/** What will be downloaded. */
export interface Plan {
  readonly files: readonly RemoteFile[];
  /** Set when the only file is an archive to unpack. */
  readonly archive?: ArchiveKind | undefined;
  /** Bytes of all files; unknown where the server does not say. */
  readonly total: number | undefined;
  /** The most bytes that may arrive. */
  readonly limit: number;
}

export interface Wishes {
  readonly unpack: boolean;
  /** What a model that is one file is called, as checked by `parseFileName`. */
  readonly as?: string | undefined;
  /** Hex of the SHA-256 that the only file must have. */
  readonly sha256?: string | undefined;
  /** The most bytes that the model may have. */
  readonly size?: number | undefined;
}

/**
 * Checks what a source offers before a byte of it is fetched.
 * @throws FetchError when a name is unsafe, the model is too big, or a digest is wanted of several files
 */
export function makePlan(uri: ModelUri, listed: readonly RemoteFile[], wishes: Wishes): Plan {
  const files = listed.map((file) => ({ ...file, path: safePath(file.path, uri.shown) }));
  assertDistinct(
    files.map(({ path }) => path),
    uri.shown,
  );
  if (wishes.sha256 && files.length > 1) {
    throw refused(
      `${uri.shown}: a digest is of one file or archive, and these are ${files.length} files: leave it out, or pack them.`,
    );
  }
  const archive = wishes.unpack && files.length === 1 ? archiveKind(uri) : undefined;
  const limit = wishes.size === undefined ? Infinity : archive ? packed(wishes.size) : wishes.size;
  const total = files.every(({ size }) => size !== undefined)
    ? files.reduce((sum, { size = 0 }) => sum + size, 0)
    : undefined;
  if (total !== undefined && total > limit) throw tooBig(uri.shown, total, wishes.size ?? limit);
  return { files: archive ? files : named(files, wishes), archive, total, limit };
}

/** A file that is the whole model may get another name; several keep theirs, for they may name each other. */
function named(files: readonly RemoteFile[], { as }: Wishes): readonly RemoteFile[] {
  const [only, ...others] = files;
  if (!as || !only || others.length > 0 || only.path.includes('/')) return files;
  return [{ ...only, path: fileNameFor(as, only.path) }];
}

/** The most that an archive of `size` bytes may take itself: its headers and padding add to what it holds. */
export const packed = (size: number): number => Math.ceil(size * 1.1) + 1024 * 1024;

/** `bytes` is unknown where more came than a server had said. */
export function tooBig(where: string, bytes: number | undefined, declared: number): FetchError {
  const found = bytes === undefined ? 'there are' : `its ${bytes} bytes (${shownBytes(bytes)}) are`;
  return refused(
    `${where}: ${found} more than the declared ${declared} bytes (${shownBytes(declared)}): correct the size, or the model.`,
  );
}
