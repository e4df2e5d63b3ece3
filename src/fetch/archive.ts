import { createReadStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PassThrough, type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createGunzip } from 'node:zlib';
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
  /** An empty folder. */
  readonly target: string;
  readonly where: string;
  /** The most bytes that its files may have together. */
  readonly limit: number;
  readonly signal: AbortSignal;
  readonly onBytes: (count: number) => void;
}

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

async function unpackTar({ kind, path, where, limit, signal }: UnpackOptions, target: Target): Promise<void> {
  // Bounds what is inflated but never becomes a file, too.
  let inflated = 0;
  const bounded = new Transform({
    transform(chunk: Buffer, _, done) {
      inflated += chunk.byteLength;
      done(inflated > packed(limit) ? tooBig(where, undefined, limit) : null, chunk);
    },
  });
  const inflate = kind === 'tar' ? new PassThrough() : createGunzip({ chunkSize: 256 * 1024 });
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
  #entries = 0;

  constructor(options: UnpackOptions) {
    this.#options = options;
  }

  /** The path of a file below the target; undefined for a folder, which is made: Triton wants empty ones, too. */
  async place(name: string, kind: EntryKind): Promise<string | undefined> {
    const { where } = this.#options;
    const path = safePath(name, where);
    if (++this.#entries > maxEntries)
      throw permanent(`${where}: it has over ${maxEntries} entries: pack fewer files.`);
    if (kind === 'folder') {
      await this.#distinct(path, () => this.#makeFolder(join(this.#options.target, path)));
      return undefined;
    }
    if (kind !== 'file' || !path) {
      throw permanent(
        `${where}: ${JSON.stringify(name)} is a ${kind}, not a plain file or folder: pack the model without it.`,
      );
    }
    return path;
  }

  async write(path: string, body: AsyncIterable<Uint8Array>, mode = 0): Promise<void> {
    const file = join(this.#options.target, path);
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
