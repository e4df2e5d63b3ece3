import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Archives of hundreds of megabytes: enough to go back and forth between branches, not more. */
const kept = 3;

/** Where images are kept when the caller names no other folder. */
export function defaultCache(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'dormouse', 'images');
}

/** A key of the contents of `files` and of `values`: another byte in one of them, another key. */
export async function contentKey(
  files: readonly (string | URL)[],
  values: readonly string[],
): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(values));
  for (const file of files) hash.update('\0').update(await readFile(file));
  return hash.digest('hex').slice(0, 16);
}

/**
 * Gives the folder `key` of `cache`, filled by `build` when it does not exist. `build` works in a folder of its own
 * that is renamed when it is complete, so an interrupted build leaves nothing that looks finished; what a killed
 * process left is removed by the next build. Of folders whose key differs only after the last `-`, the three newest stay.
 */
export async function cached(
  cache: string,
  key: string,
  build: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = join(cache, key);
  if (existsSync(folder)) return folder;
  await mkdir(cache, { recursive: true });
  await removeLeftovers(cache);
  const scratch = await mkdtemp(join(cache, `.building-${process.pid}-`));
  try {
    await build(scratch);
    await rename(scratch, folder).catch((error: Error) => {
      // Another process was faster with the same content.
      if (!existsSync(folder)) throw error;
    });
    await removeOldest(cache, key.slice(0, key.lastIndexOf('-') + 1));
    return folder;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function removeLeftovers(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    const pid = /^\.building-(\d+)-/.exec(name)?.[1];
    if (pid && !existsSync(`/proc/${pid}`)) await rm(join(cache, name), { recursive: true, force: true });
  }
}

async function removeOldest(cache: string, prefix: string): Promise<void> {
  const names = (await readdir(cache)).filter(
    (name) => name.startsWith(prefix) && !name.includes('-', prefix.length),
  );
  const folders = names.map(async (name) => ({
    path: join(cache, name),
    age: -(await stat(join(cache, name))).mtimeMs,
  }));
  const sorted = (await Promise.all(folders)).sort((a, b) => a.age - b.age);
  for (const { path } of sorted.slice(kept)) await rm(path, { recursive: true, force: true });
}
