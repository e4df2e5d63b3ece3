import type { CachedModel } from '#fetch/cache/eviction.ts';
import { freeBytes, shownBytes } from '#fetch/disk.ts';
import { exitCodes } from '../action.ts';
import type { Format } from '../flags.ts';
import { age, plainScreen, printed, type Screen, table } from '../terminal/output.ts';
import { log, print, screen } from '../terminal/terminal.ts';
import { heldText, oneLine, openCache, printable } from './contents.ts';

export interface ListFlags {
  readonly output?: Format;
}

/** Prints what is in a cache, and gives the exit code. */
export async function runCacheLs(folder: string, { output }: ListFlags): Promise<number> {
  const { models, foreign } = await openCache(folder);
  const free = await freeBytes(folder);
  if (output) print(printed({ models: models.map(printable), foreign, freeBytes: free }, output));
  else if (models.length > 0) print(cacheTable(models, new Date(), screen()));
  log(`${heldText(models)}; ${shownBytes(free)} free`);
  return exitCodes.done;
}

/** The models of a cache as a table for people. */
export function cacheTable(models: readonly CachedModel[], now: Date, shown: Screen = plainScreen): string {
  const rows = models.map(({ key, uri = '-', bytes, lastUsed, state }) => [
    oneLine(key),
    oneLine(uri),
    shownBytes(bytes),
    age(new Date(lastUsed).toISOString(), now),
    state,
  ]);
  return table([['KEY', 'URI', 'SIZE', 'LAST USED', 'STATE'], ...rows], shown);
}
