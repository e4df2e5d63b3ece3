import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { PassThrough, type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createGunzip, createZstdDecompress } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import { type Entry, openPromise } from 'yauzl';
import type { ArchiveKind } from '#sources/model-uri.ts';
import { FetchError, permanent } from './errors.ts';
import { safePath } from './paths.ts';
import { packed, tooBig } from './plan.ts';

export interface UnpackOptions {
  readonly kind: ArchiveKind;
  /** The archive. */
  readonly path: string;
  /** An empty folder, or one with the layers below. */
  readonly target: string;
  /** The file or folder in it that is unpacked; all where it is empty. Default: empty. */
  readonly inside?: string;
  /** Of files below that. Default: all. */
  readonly isWanted?: (path: string) => boolean;
  /** Whether it is a layer of an image, which replaces and deletes what those below it have. */
  readonly isLayer?: boolean;
  readonly where: string;
  /** The most bytes that its files may have together. */
  readonly limit: number;
  readonly signal: AbortSignal;
  readonly onBytes: (count: number) => void;
}

/** What the name of an entry begins with that deletes one of the layers below. */
const whiteout = '.wh.';
/** An archive of more entries is no model. */
const maxEntries = 1_000_000;

/**
 * Unpacks an archive that is not trusted: plain files and folders, inside the target, up to the limit. Modes are
 * 0644 and 0755; owners and times are not kept.
 * @returns the number of files and of their bytes
 * @throws FetchError for anything else in it, and for a damaged one
 */
export async function unpack(options: UnpackOptions): Promise<{ files: number; bytes: number }> {
  const target = new Target(options);
  try {
    if (options.kind === 'zip') await unpackZip(options, target);
    else await unpackTar(options, target);
    return { files: target.files, bytes: target.bytes };
  } catch (error) {
    options.signal.throwIfAborted();
    // The caller explains what the disk says.
    if (isTelling(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw permanent(`${options.where}: the archive is damaged or unsafe (${reason}): make it anew.`, {
      cause: error,
    });
  }
}

const inflaters = {
  tar: () => new PassThrough(),
  'tar.gz': () => createGunzip({ chunkSize: 256 * 1024 }),
  'tar.zst': () => createZstdDecompress({ chunkSize: 256 * 1024 }),
};

/** The number of files below a folder, and of their bytes. */
export async function measured(folder: string): Promise<{ files: number; bytes: number }> {
  const total = { files: 0, bytes: 0 };
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    total.files += 1;
    total.bytes += (await stat(join(entry.parentPath, entry.name))).size;
  }
  return total;
}

async function unpackTar({ kind, path, where, limit, signal }: UnpackOptions, target: Target): Promise<void> {
  // Bounds what is inflated but never becomes a file, too.
  let inflated = 0;
  const bounded = new Transform({
    transform(chunk: Buffer, _, done) {
      inflated += chunk.byteLength;
      done(inflated > packed(limit) ? tooBig(where, undefined, limit) : null, chunk);
    },
  });
  const inflate = inflaters[kind === 'zip' ? 'tar' : kind]();
  const entries = extract();
  const failures: unknown[] = [];
  const feeding = pipeline(createReadStream(path), inflate, bounded, entries, { signal }).catch((error) => {
    failures.push(error);
  });
  try {
    for await (const entry of entries) {
      const name = await target.place(entry.header.name, kindOfTar(entry.header));
      if (!name) entry.resume();
      else await target.write(name, entry as AsyncIterable<Uint8Array>, entry.header.mode);
    }
  } catch (error) {
    failures.push(error);
    entries.destroy();
  }
  await feeding;
  // One failure ends the other streams, each of which then has its own to tell.
  if (failures.length > 0) throw failures.find(isTelling) ?? failures[0];
}

/** Our own sentence, or the disk's. */
const isTelling = (error: unknown): boolean =>
  error instanceof FetchError || (error as NodeJS.ErrnoException).syscall !== undefined;

type EntryKind = 'file' | 'folder' | string;

function kindOfTar({ type }: Header): EntryKind {
  if (type === 'file' || type === 'contiguous-file') return 'file';
  return type === 'directory' ? 'folder' : String(type ?? 'thing of an unknown kind');
}

async function unpackZip({ path, signal }: UnpackOptions, target: Target): Promise<void> {
  const zip = await openPromise(path, { lazyEntries: true, autoClose: false, strictFileNames: true });
  try {
    for await (const entry of zip.eachEntry()) {
      signal.throwIfAborted();
      const name = await target.place(entry.fileName, kindOfZip(entry));
      if (entry.isEncrypted()) throw new Error(`${entry.fileName} is encrypted`);
      if (name)
        await target.write(name, checked(entry, await zip.openReadStreamPromise(entry)), unixMode(entry));
    }
  } finally {
    zip.close();
  }
}

/** The mode as unix has it; 0 where the archive was made on another system (APPNOTE.TXT, section 4.4.2). */
function unixMode({ versionMadeBy, externalFileAttributes }: Entry): number {
  return [3, 19].includes(versionMadeBy >>> 8) ? externalFileAttributes >>> 16 : 0;
}

function kindOfZip(entry: Entry): EntryKind {
  if (entry.fileName.endsWith('/')) return 'folder';
  const type = unixMode(entry) & 0o170000;
  if (type === 0 || type === 0o100000) return 'file';
  return type === 0o120000 ? 'symlink' : type === 0o040000 ? 'folder' : 'device';
}

/** yauzl checks sizes, not the checksum. */
async function* checked(entry: Entry, body: Readable): AsyncGenerator<Buffer> {
  let sum = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    sum = crc32(chunk, sum);
    yield chunk;
  }
  if (sum !== entry.crc32) throw new Error(`the checksum of ${entry.fileName} is wrong`);
}

/** Where entries are written, and the rules for them. */
class Target {
  files = 0;
  bytes = 0;
  readonly #options: UnpackOptions;
  readonly #folders = new Set<string>();
  readonly #written = new Set<string>();
  #entries = 0;

  constructor(options: UnpackOptions) {
    this.#options = options;
  }

  /** The path of a file below the target; undefined for a folder, which is made: Triton wants empty ones, too. */
  async place(name: string, kind: EntryKind): Promise<string | undefined> {
    const { where, isLayer, isWanted } = this.#options;
    // Some builders write the names of a layer from the root on.
    const full = safePath(isLayer ? name.replace(/^\/+/, '') : name, where);
    if (++this.#entries > maxEntries)
      throw permanent(`${where}: it has over ${maxEntries} entries: pack fewer files.`);
    if (isLayer && basename(full).startsWith(whiteout)) {
      await this.#hide(full);
      return undefined;
    }
    const path = this.#below(full, kind);
    if (path === undefined) return undefined;
    if (kind === 'folder') {
      await this.#distinct(path, () => this.#makeFolder(join(this.#options.target, path)));
      return undefined;
    }
    if (kind !== 'file' || !path) {
      throw permanent(
        `${where}: ${JSON.stringify(name)} is a ${kind}, not a plain file or folder: pack the model without it${isLayer ? ', or name the folder of the model behind a #' : ''}.`,
      );
    }
    return (isWanted?.(path) ?? true) ? path : undefined;
  }

  async write(path: string, body: AsyncIterable<Uint8Array>, mode = 0): Promise<void> {
    const file = join(this.#options.target, path);
    // What the layers below have under this name.
    if (this.#options.isLayer) await rm(file, { recursive: true, force: true });
    this.#written.add(file);
    await this.#distinct(path, async () => {
      await this.#makeFolder(dirname(file));
      // Never opens what is there already.
      const handle = await open(file, 'wx', mode & 0o111 ? 0o755 : 0o644);
      try {
        await handle.writeFile(this.#counted(body));
        await handle.datasync();
      } finally {
        await handle.close();
      }
    });
    this.files += 1;
  }

  /** The path below what is unpacked of it; undefined for what lies elsewhere. */
  #below(path: string, kind: EntryKind): string | undefined {
    const { inside = '' } = this.#options;
    if (inside === '') return path;
    if (path === inside) return kind === 'file' ? basename(path) : kind === 'folder' ? '' : undefined;
    return path.startsWith(`${inside}/`) ? path.slice(inside.length + 1) : undefined;
  }

  /**
   * Deletes what a whiteout of a layer says that the layers below do not have any more
   * (https://github.com/opencontainers/image-spec/blob/main/layer.md#whiteouts).
   */
  async #hide(path: string): Promise<void> {
    const { target, inside = '' } = this.#options;
    const isOpaque = basename(path) === `${whiteout}${whiteout}.opq`;
    const parent = dirname(path) === '.' ? '' : dirname(path);
    const hidden = isOpaque ? parent : join(parent, basename(path).slice(whiteout.length));
    const isAround = hidden === '' || `${inside}/`.startsWith(`${hidden}/`);
    const below = isAround ? '' : this.#below(hidden, 'folder');
    if (below === undefined) return;
    const root = join(target, below);
    const found = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => undefined);
    if (!found) return rm(root, { force: true });
    for (const entry of found) {
      const file = join(entry.parentPath, entry.name);
      if (entry.isFile() && !this.#written.has(file)) await rm(file);
    }
    const isLeft = [...this.#written].some((file) => !relative(root, file).startsWith('..'));
    if (!isOpaque && !isAround && !isLeft) await rm(root, { recursive: true, force: true });
    this.#folders.clear();
  }

  async #makeFolder(folder: string): Promise<void> {
    if (this.#folders.has(folder)) return;
    await mkdir(folder, { recursive: true });
    this.#folders.add(folder);
  }

  /** @throws FetchError where what `make` makes is there already as something else */
  async #distinct(path: string, make: () => Promise<void>): Promise<void> {
    try {
      await make();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (!['EEXIST', 'ENOTDIR', 'EISDIR'].includes(code ?? '')) throw error;
      throw permanent(
        `${this.#options.where}: ${path} is in it twice, or is a file and a folder: pack it anew.`,
        { cause: error },
      );
    }
  }

  async *#counted(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const { where, limit, signal, onBytes } = this.#options;
    for await (const chunk of body) {
      signal.throwIfAborted();
      this.bytes += chunk.byteLength;
      if (this.bytes > limit) throw tooBig(where, undefined, limit);
      onBytes(chunk.byteLength);
      yield chunk;
    }
  }
}
