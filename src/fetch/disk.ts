import { statfs } from 'node:fs/promises';
import { shownBytes } from './bytes.ts';
import { type FetchError, permanent } from './errors.ts';

/** Bytes that may still be written below a folder. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** `needed` and `free` in bytes; `needed` is unknown where nobody said how much there is. */
export function diskFull(
  folder: string,
  { needed, free, cause }: { needed: number | undefined; free: number; cause?: unknown },
): FetchError {
  const need = needed === undefined ? 'what comes' : `${shownBytes(needed)} to come`;
  return permanent(
    `${folder}: the disk is full: ${need} does not fit into the ${shownBytes(free)} that are free`,
    {
      advice: {
        Prompt: 'make room, or give another folder',
        Pod: 'raise spec.model.maxSize, or give the node more ephemeral storage',
      },
      cause,
    },
  );
}
