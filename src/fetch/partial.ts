import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Range } from './source.ts';

/**
 * A file that arrives in parts, in any order. A journal beside it names the parts that are there: after a crash,
 * the next process goes on with the others.
 */
export class PartialFile {
  readonly path: string;
  readonly pending: readonly Range[];
  readonly #handle: FileHandle;
  readonly #journal: FileHandle;
  readonly #missing: Set<Range>;

  private constructor(path: string, pending: readonly Range[], handle: FileHandle, journal: FileHandle) {
    this.path = path;
    this.pending = pending;
    this.#handle = handle;
    this.#journal = journal;
    this.#missing = new Set(pending);
  }

  /** Opens or makes `path`; `parts` are all that the file has, in the same order each time. */
  static async open(path: string, parts: readonly Range[]): Promise<PartialFile> {
    const done = await readJournal(`${path}.journal`);
    const handle = await open(path, constants.O_RDWR | constants.O_CREAT, 0o644);
    try {
      const pending = parts.filter(({ start }) => !done.has(start));
      return new PartialFile(path, pending, handle, await open(`${path}.journal`, 'a'));
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Writes all of `chunks`, one after the other, from `position` on. */
  async write(chunks: readonly Uint8Array[], position: number): Promise<void> {
    const total = chunks.reduce((sum, { byteLength }) => sum + byteLength, 0);
    const { bytesWritten } = await this.#handle.writev(chunks, position);
    // A disk that is nearly full takes a part; the rest then fails and says why.
    if (bytesWritten < total) {
      await this.write([Buffer.concat(chunks).subarray(bytesWritten)], position + bytesWritten);
    }
  }

  /** Forgets what a stream without ranges has brought so far. */
  async restart(): Promise<void> {
    await this.#handle.truncate(0);
  }

  /** Notes that a part is there; gives whether it was the last one. */
  async complete(part: Range): Promise<boolean> {
    await this.#journal.write(`${part.start}\n`);
    // Counted after the journal has it: the last part closes the journal.
    this.#missing.delete(part);
    return this.#missing.size === 0;
  }

  /** Where the first part begins that is not there. */
  get gapless(): number {
    const [first] = this.#missing;
    return first?.start ?? Infinity;
  }

  get fd(): number {
    return this.#handle.fd;
  }

  /** The bytes that are there. */
  async size(): Promise<number> {
    return (await this.#handle.stat()).size;
  }

  /** Throws away what came. */
  async remove(): Promise<void> {
    await this.close();
    for (const path of [this.path, `${this.path}.journal`]) await rm(path, { force: true });
  }

  /** Closes the file, once the disk has all of it, and moves it to its place. */
  async moveTo(target: string): Promise<void> {
    await this.#handle.datasync();
    await this.close();
    await mkdir(dirname(target), { recursive: true });
    await rename(this.path, target);
    await rm(`${this.path}.journal`, { force: true });
  }

  async close(): Promise<void> {
    await this.#handle.close();
    await this.#journal.close();
  }
}

/** The first bytes of the parts that are there. A last line without its end was cut while it was written. */
async function readJournal(path: string): Promise<Set<number>> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return new Set(text.split('\n').slice(0, -1).map(Number));
}
