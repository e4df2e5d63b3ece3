import { statfs } from 'node:fs/promises';
import { type Advice, type FetchError, permanent } from './errors.ts';

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

/** The folder that a model is fetched into: of one model alone, or on the claim of a cache, which others share. */
export type Target = 'Folder' | 'Cache';

const makeRoom: Readonly<Record<Target, Advice>> = {
  Folder: {
    Prompt: 'make room, or give another folder',
    Pod: 'raise spec.model.maxSize, or give the node more ephemeral storage',
  },
  Cache: {
    Prompt: 'make room, or give another folder',
    Pod: 'enlarge the claim of spec.model.cache, or evict from it what no model needs (dormouse cache prune)',
  },
};

interface Room {
  /** Bytes; unknown where the server does not say the size. */
  readonly needed: number | undefined;
  readonly free: number;
  readonly target?: Target | undefined;
  readonly cause?: unknown;
}

/** The failure of a disk, or a user's share of it, that has no room. */
export function diskFull(folder: string, { needed, free, target = 'Folder', cause }: Room): FetchError {
  const need = needed === undefined ? 'what comes' : `${shownBytes(needed)} to come`;
  return permanent(
    `${folder}: the disk is full: ${need} does not fit into the ${shownBytes(free)} that are free`,
    { advice: makeRoom[target], cause },
  );
}

/** The failure of a cache that this user may not write to: claims often belong to root. */
export const cacheDenied = (folder: string, cause: unknown): FetchError =>
  permanent(`${folder}: this user (${process.getuid?.()}) may not write to the cache`, {
    advice: {
      Prompt: 'check its owner and mode',
      Pod: 'set spec.pod.securityContext.fsGroup, or let that user write to the claim of spec.model.cache',
    },
    cause,
  });
