import type { Dirent } from 'node:fs';
import { lstat, readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheRoot } from '#base/cache.ts';
import { markerName } from '#base/marker.ts';
import { permanent } from '../errors.ts';
import { isLocked, tryLockFolder } from '../lock.ts';
import { Staging } from '../staging.ts';
import { byLastUse, type CachedModel } from './eviction.ts';

/** Something in a cache that is no model of ours, and is never touched. */
export interface Foreign {
  readonly name: string;
  readonly problem: string;
}

export interface CacheContents {
  /** Least recently used first. */
  readonly models: readonly CachedModel[];
  readonly foreign: readonly Foreign[];
}

/**
 * What is in the cache on a volume. Other pods write to the volume, and may have put anything there: no link is followed.
 * @param folder where the volume is mounted
 * @throws FetchError where our folder is none
 */
export async function readCache(folder: string): Promise<CacheContents> {
  const root = join(folder, cacheRoot);
  const found = await lstat(root).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  // A volume that is empty yet; but not a folder that is not there.
  if (!found) await lstat(folder);
  else if (!found.isDirectory()) throw permanent(`${root} is no folder: remove it.`);
  const models: CachedModel[] = [];
  const foreign: Foreign[] = [];
  for (const entry of found ? await readdir(root, { withFileTypes: true }) : []) {
    const path = join(root, entry.name);
    const model = await readModel(path, entry).catch(unlessGone);
    if (!model) continue;
    if ('problem' in model) foreign.push(model);
    else models.push(isLocked(path) ? { ...model, state: 'locked' } : model);
  }
  return { models: models.sort(byLastUse), foreign };
}

/** A folder of the cache, be it locked or not. */
async function readModel(path: string, entry: Dirent): Promise<CachedModel | Foreign> {
  const { name } = entry;
  if (entry.isSymbolicLink()) return { name, problem: 'is a symbolic link' };
  if (!entry.isDirectory()) return { name, problem: 'is no folder' };
  const { marker, partial, others } = await new Staging(path).look();
  if (others.length > 0)
    return { name, problem: `holds what no fetch has left: ${others.slice(0, 3).join(', ')}` };
  const begun = partial ? await measure(partial) : { bytes: 0, lastUsed: 0 };
  if (marker) {
    const { mtimeMs } = await lstat(join(path, markerName));
    const bytes = Math.max(0, marker.bytes) + begun.bytes;
    return { key: name, state: 'complete', uri: marker.uri, bytes, lastUsed: mtimeMs };
  }
  if (partial) return { key: name, state: 'unfinished', ...begun };
  if (!isLocked(path)) return { name, problem: 'is empty' };
  return { key: name, state: 'locked', bytes: 0, lastUsed: (await lstat(path)).mtimeMs };
}

/** The room that a file or a folder takes, and when something was written there last. */
async function measure(path: string): Promise<{ readonly bytes: number; readonly lastUsed: number }> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = [path, ...entries.map(({ parentPath, name }) => join(parentPath, name))];
  let [bytes, lastUsed] = [0, 0];
  for (const each of paths) {
    const found = await lstat(each).catch(unlessGone);
    // Files that come in parts have holes.
    bytes += found?.isFile() ? found.blocks * 512 : 0;
    lastUsed = Math.max(lastUsed, found?.mtimeMs ?? 0);
  }
  return { bytes, lastUsed };
}

/**
 * Takes a model out of the cache, unless it was asked for since it was read, or a process is at work on it. Gives why it
 * stays; undefined when it is gone.
 * @throws FetchError, or what the system said
 */
export async function evict(folder: string, { key, lastUsed }: CachedModel): Promise<string | undefined> {
  const root = join(folder, cacheRoot);
  const path = join(root, key);
  const isThere = async () => (await lstat(path).catch(unlessGone))?.isDirectory() ?? false;
  if (!(await isThere())) return undefined;
  {
    using lock = tryLockFolder(path);
    if (!lock) return 'a process is at work on it';
    const [entry] = (await readdir(root, { withFileTypes: true })).filter(({ name }) => name === key);
    const now = entry && (await readModel(path, entry));
    if (!now || 'problem' in now) return now?.problem;
    if (now.lastUsed !== lastUsed) return 'it was asked for meanwhile';
    await new Staging(path).evict();
  }
  // Not where another process is in it already.
  await rmdir(path).catch(() => undefined);
  return undefined;
}

const unlessGone = (error: NodeJS.ErrnoException): undefined => {
  if (error.code !== 'ENOENT') throw error;
};
