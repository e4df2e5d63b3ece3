import { statfs } from 'node:fs/promises';
import { type FetchError, permanent } from './errors.ts';

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** An amount for people: `1.5 GiB`. */
export function shownBytes(bytes: number): string {
  const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  const amount = bytes / 1024 ** power;
  return `${power === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${units[power]}`;
}

/** Bytes that may still be written below a folder. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** `needed` and `free` in bytes; `needed` is unknown where the server does not say the size. */
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
