import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Hasher, WrongContentError } from './digest.ts';
import { PartialFile } from './partial.ts';
import type { Range, RemoteFile } from './source.ts';
import { type TransferContext, transferPart, transferWhole } from './transfer.ts';

export interface DownloadOptions extends TransferContext {
  /** Where finished files go. */
  readonly target: string;
  /** Where unfinished files are kept, under the number of the file. */
  readonly parts: string;
  /** Parts that are fetched at the same time. */
  readonly concurrency: number;
  /** Bytes of a part. */
  readonly partSize: number;
  /** Called with bytes that an earlier run has brought. */
  readonly onKept: (count: number) => void;
}

type Job = (context: TransferContext) => Promise<void>;

/** Fetches files, several parts at a time. What an earlier run has left in `target` and `parts` is not fetched again. */
export async function download(files: readonly RemoteFile[], options: DownloadOptions): Promise<void> {
  await mkdir(options.target, { recursive: true });
  await mkdir(options.parts, { recursive: true });
  const failure = new AbortController();
  const follow = (): void => failure.abort(options.signal.reason);
  options.signal.throwIfAborted();
  options.signal.addEventListener('abort', follow);
  const context = { ...options, signal: failure.signal };
  const open = new Set<PartialFile>();
  const hasher = new Hasher();
  const queue = jobs(files, options, open, hasher);
  const worker = async (): Promise<void> => {
    try {
      for (let next = await queue.next(); !next.done && !failure.signal.aborted; next = await queue.next()) {
        await next.value(context);
      }
    } catch (error) {
      // The first failure ends the other parts; it is the one that is reported.
      if (!failure.signal.aborted) failure.abort(error);
    }
  };
  try {
    await Promise.all(Array.from({ length: options.concurrency }, worker));
    failure.signal.throwIfAborted();
  } finally {
    options.signal.removeEventListener('abort', follow);
    // It reads from the files.
    await hasher.close();
    for (const file of open) await file.close();
  }
}

/** What is left to do, file after file; a file is opened when its turn comes and closed with its last part. */
async function* jobs(
  files: readonly RemoteFile[],
  { target, parts: folder, partSize, onKept }: DownloadOptions,
  open: Set<PartialFile>,
  hasher: Hasher,
): AsyncGenerator<Job, void> {
  for (const [index, file] of files.entries()) {
    const place = join(target, file.path);
    const there = await stat(place).catch(() => undefined);
    if (there) {
      onKept(there.size);
      continue;
    }
    const inParts = file.ranges && file.size !== undefined;
    const parts = inParts ? split(file.size, partSize) : [];
    const partial = await PartialFile.open(join(folder, String(index)), parts);
    open.add(partial);
    const { digest, size } = file;
    const hash = digest && parts.length > 1 ? hasher.begin(partial.fd, size ?? 0, digest) : undefined;
    hash?.advance(partial.gapless);
    const finish = async (): Promise<void> => {
      if (digest) {
        const found = await (hash ?? hasher.begin(partial.fd, await partial.size(), digest)).end();
        if (found !== digest.value) {
          open.delete(partial);
          await partial.remove();
          throw new WrongContentError(file.where, digest, found);
        }
      }
      open.delete(partial);
      await partial.moveTo(place);
    };
    onKept(lengthOf(parts) - lengthOf(partial.pending));
    if (!inParts) {
      yield async (context) => {
        await transferWhole(file, partial, context);
        await finish();
      };
    } else if (partial.pending.length === 0) {
      await finish();
    }
    for (const part of partial.pending) {
      yield async (context) => {
        await transferPart(file, part, partial, context);
        const isLast = await partial.complete(part);
        if (isLast) await finish();
        else hash?.advance(partial.gapless);
      };
    }
  }
}

function split(size: number, partSize: number): Range[] {
  return Array.from({ length: Math.ceil(size / partSize) }, (_, index) => ({
    start: index * partSize,
    end: Math.min(size, (index + 1) * partSize),
  }));
}

const lengthOf = (ranges: readonly Range[]): number =>
  ranges.reduce((sum, { start, end }) => sum + end - start, 0);
