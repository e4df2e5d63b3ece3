import { type CacheContents, readCache } from '#fetch/cache/cache.ts';
import type { CachedModel } from '#fetch/cache/eviction.ts';
import { shownBytes } from '#fetch/disk.ts';
import { FetchError } from '#fetch/errors.ts';
import { messageOf } from '#kube/client/errors.ts';
import { PlainError } from '../action.ts';
import { counted } from '../terminal/output.ts';
import { log } from '../terminal/terminal.ts';

/**
 * Reads a cache, and names what is not ours in it.
 * @throws PlainError where it cannot be read
 */
export async function openCache(folder: string): Promise<CacheContents> {
  const contents = await readCache(folder).catch((cause: unknown) => {
    if (isExpected(cause)) throw new PlainError(messageOf(cause), { cause });
    throw cause;
  });
  for (const { name, problem } of contents.foreign)
    log(`${oneLine(name)} is left alone: it ${oneLine(problem)}`);
  return contents;
}

/** What the system or the lock said, in words for users. */
export const isExpected = (error: unknown): boolean =>
  error instanceof FetchError || (error instanceof Error && 'syscall' in error);

/** Names and URIs come from whoever writes to the volume, and must not make lines of their own. */
export const oneLine = (text: string): string => text.replaceAll(/\s/g, ' ');

/** `3 models, 1.5 GiB`. */
export const heldText = (models: readonly CachedModel[]): string =>
  `${counted(models.length, 'model')}, ${shownBytes(models.reduce((sum, { bytes }) => sum + bytes, 0))}`;

/** A model for programs. */
export const printable = ({ key, state, uri, bytes, lastUsed }: CachedModel) => ({
  key,
  ...(uri !== undefined && { uri }),
  bytes,
  lastUsed: new Date(lastUsed).toISOString(),
  state,
});
