import { retryable, stalled } from './errors.ts';
import type { PartialFile } from './partial.ts';
import { tooBig } from './plan.ts';
import type { RangeClient } from './rangeclient.ts';
import { type Context, retrying, withIdleDeadline } from './retry.ts';
import type { Range, RemoteFile, Source } from './source.ts';

/** Enough to make a write worth its while, little enough to hold for each of many parts. */
const writeBytes = 1024 * 1024;

export interface TransferContext extends Context {
  readonly source: Source;
  readonly rangeClient: RangeClient;
  /** After so many milliseconds of silence a connection counts as cut. */
  readonly stallMs: number;
  /** The most bytes that a file of unknown size may have. */
  readonly limit: number;
  /** Called with the bytes that came; negative where some have to come again. */
  readonly onBytes: (count: number) => void;
}

/** Fetches one part of a file into its place. After a cut it goes on with the byte that did not come. */
export async function transferPart(
  file: RemoteFile,
  part: Range,
  into: PartialFile,
  context: TransferContext,
) {
  let at = part.start;
  let failedAt = at;
  const attempt = async (): Promise<void> => {
    await receive(file, { start: at, end: part.end }, context, async (chunks, bytes) => {
      if (at + bytes > part.end) throw retryable(`${file.where}: more came than was asked for`);
      await into.write(chunks, at);
      at += bytes;
    });
    if (at < part.end) throw retryable(`${file.where}: the connection was cut`);
  };
  await retrying(file.where, context, attempt, () => {
    const advanced = at > failedAt;
    failedAt = at;
    return advanced;
  });
}

/** Fetches a file that cannot be had in parts. After a cut it begins anew. */
export async function transferWhole(
  file: RemoteFile,
  into: PartialFile,
  context: TransferContext,
): Promise<void> {
  await retrying(file.where, context, async () => {
    await into.restart();
    let at = 0;
    try {
      await receive(file, undefined, context, async (chunks, bytes) => {
        if (at + bytes > context.limit) throw tooBig(file.where, undefined, context.limit);
        await into.write(chunks, at);
        at += bytes;
      });
      if (file.size !== undefined && at !== file.size)
        throw retryable(`${file.where}: the connection was cut`);
    } catch (error) {
      context.onBytes(-at);
      throw error;
    }
  });
}

/** Hands on what a source sends, in pieces worth writing. */
async function receive(
  file: RemoteFile,
  range: Range | undefined,
  { source, rangeClient, clock, stallMs, signal: parent, onBytes }: TransferContext,
  write: (chunks: readonly Uint8Array[], bytes: number) => Promise<void>,
): Promise<void> {
  const late = (): Error => stalled(file.where, stallMs);
  await withIdleDeadline({ clock, ms: stallMs, late, parent }, async (signal, onAlive) => {
    const store = async (chunks: readonly Uint8Array[], bytes: number): Promise<void> => {
      await write(chunks, bytes);
      onBytes(bytes);
      onAlive();
    };
    const request = await source.plainRequest?.(file, range, signal);
    if (request) {
      const take = (bytes: Uint8Array): Promise<void> => store([bytes], bytes.byteLength);
      if (await rangeClient.get(request, { file, range }, signal, take, onAlive)) return;
    }
    const body = await source.open(file, range, signal);
    const stop = (): void => void body.destroy(signal.reason);
    signal.addEventListener('abort', stop);
    let chunks: Uint8Array[] = [];
    let bytes = 0;
    const flush = async (): Promise<void> => {
      const [full, count] = [chunks, bytes];
      [chunks, bytes] = [[], 0];
      if (count === 0) return;
      await store(full, count);
    };
    try {
      for await (const chunk of body as AsyncIterable<Uint8Array>) {
        onAlive();
        chunks.push(chunk);
        bytes += chunk.byteLength;
        if (bytes >= writeBytes) await flush();
      }
      await flush();
    } catch (error) {
      // What came before the cut is good.
      if (!parent.aborted) await flush();
      throw error;
    } finally {
      signal.removeEventListener('abort', stop);
      body.on('error', () => {}).destroy();
    }
  });
}
