import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cached, contentKey } from './cache.ts';

let cache: string;

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'dormouse-cache-'));
});

afterEach(() => rm(cache, { recursive: true }));

function write(text: string): (folder: string) => Promise<void> {
  return (folder) => writeFile(join(folder, 'image'), text);
}

test('builds once, then gives what it built', async () => {
  await cached(cache, 'pause-1', write('first'));
  const folder = await cached(cache, 'pause-1', write('second'));
  expect(await readFile(join(folder, 'image'), 'utf8')).toBe('first');
});

test('keeps nothing of a build that failed', async () => {
  const failing = async (folder: string) => {
    await write('half')(folder);
    throw new Error('disk full');
  };
  await expect(cached(cache, 'pause-1', failing)).rejects.toThrow('disk full');
  expect(await readdir(cache)).toEqual([]);
});

test('removes what a killed process left', async () => {
  const noProcess = 2 ** 22 + 1; // above the highest process id of Linux
  await mkdir(join(cache, `.building-${noProcess}-abc`));
  await cached(cache, 'pause-1', write('done'));
  expect(await readdir(cache)).toEqual(['pause-1']);
});

test('keeps the three newest builds of an image, and other images', async () => {
  for (const key of ['hello-1', 'hello-extra-1', 'pause-1', 'pause-2', 'pause-3', 'pause-4']) {
    await cached(cache, key, write(key));
  }
  const names = await readdir(cache);
  expect(names).toEqual(expect.arrayContaining(['hello-1', 'hello-extra-1', 'pause-4']));
  expect(names.filter((name) => name.startsWith('pause-'))).toHaveLength(3);
});

test('the key changes with every value and every file', async () => {
  const file = join(cache, 'input');
  await writeFile(file, 'a');
  const before = [
    await contentKey([file], ['x']),
    await contentKey([file], ['y']),
    await contentKey([], ['x']),
  ];
  await writeFile(file, 'b');
  expect(new Set([...before, await contentKey([file], ['x'])]).size).toBe(4);
});
