import { mkdir, readdir, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { markerName } from '#base/marker.ts';
import { evict, readCache } from '#fetch/cache/cache.ts';
import type { CachedModel } from '#fetch/cache/eviction.ts';
import { isLocked, tryLockFolder } from '#fetch/lock.ts';
import { failureOf, fetchInto, temporaryFolder } from '../../support/fetching.ts';

/** A cache with some models, each of one file, that were used in this order. */
async function cacheOf(...keys: readonly string[]) {
  const folder = await temporaryFolder();
  const source = await temporaryFolder();
  await mkdir(join(source, 'weights'));
  await writeFile(join(source, 'weights/model.bin'), 'x'.repeat(1000));
  const uri = `file://${source}`;
  const pathOf = (key: string) => join(folder, 'dormouse', key);
  for (const [index, key] of keys.entries()) {
    await fetchInto(pathOf(key), uri);
    await utimes(join(pathOf(key), markerName), index, index);
  }
  return { folder, uri, pathOf };
}

async function modelOf(folder: string, key: string): Promise<CachedModel> {
  const model = (await readCache(folder)).models.find((each) => each.key === key);
  if (!model) throw new Error(`${key} is not there`);
  return model;
}

describe('what is in a cache', () => {
  test('is told of each model, least recently used first', async () => {
    const { folder, uri, pathOf } = await cacheOf('b', 'a');
    await mkdir(join(pathOf('c'), '.dormouse-partial/parts'), { recursive: true });
    await writeFile(join(pathOf('c'), '.dormouse-partial/parts/0'), 'x'.repeat(5000));
    expect(await readCache(folder)).toEqual({
      models: [
        { key: 'b', state: 'complete', uri, bytes: 1000, lastUsed: 0 },
        { key: 'a', state: 'complete', uri, bytes: 1000, lastUsed: 1000 },
        { key: 'c', state: 'unfinished', bytes: 8192, lastUsed: expect.any(Number) },
      ],
      foreign: [],
    });
  });

  test('is nothing on a new volume, and an error without one', async () => {
    const folder = await temporaryFolder();
    expect(await readCache(folder)).toEqual({ models: [], foreign: [] });
    await expect(readCache(join(folder, 'none'))).rejects.toThrow('ENOENT');
    await symlink('..', join(folder, 'dormouse'));
    expect((await failureOf(readCache(folder))).message).toMatch(/dormouse is no folder: remove it\.$/);
  });

  test('is foreign where it is no model of ours', async () => {
    const { folder, pathOf } = await cacheOf('a');
    await symlink('a', pathOf('link'));
    await writeFile(pathOf('file'), '');
    await mkdir(pathOf('empty'));
    await mkdir(join(pathOf('mixed'), '.dormouse-partial'), { recursive: true });
    await writeFile(join(pathOf('mixed'), 'precious'), '');
    await mkdir(pathOf('away'));
    await symlink('/', join(pathOf('away'), '.dormouse-partial'));
    await mkdir(pathOf('forged'));
    await symlink(join(pathOf('a'), markerName), join(pathOf('forged'), markerName));
    const { models, foreign } = await readCache(folder);
    expect(models.map(({ key }) => key)).toEqual(['a']);
    expect(foreign.map(({ name, problem }) => `${name} ${problem}`).sort()).toEqual([
      'away holds what no fetch has left: .dormouse-partial',
      'empty is empty',
      'file is no folder',
      'forged holds what no fetch has left: .dormouse-complete',
      'link is a symbolic link',
      'mixed holds what no fetch has left: precious',
    ]);
  });

  test('is locked while a process is at work there', async () => {
    const { folder, pathOf } = await cacheOf('a');
    await mkdir(pathOf('new'));
    using _one = tryLockFolder(pathOf('a'));
    using _other = tryLockFolder(pathOf('new'));
    const { models, foreign } = await readCache(folder);
    expect(models.map(({ key, state }) => `${key} ${state}`)).toEqual(['a locked', 'new locked']);
    expect(foreign).toEqual([]);
  });
});

describe('an eviction', () => {
  test('takes the folder away, and leaves the others', async () => {
    const { folder, pathOf } = await cacheOf('a', 'b');
    expect(await evict(folder, await modelOf(folder, 'a'))).toBeUndefined();
    expect(await readdir(join(folder, 'dormouse'))).toEqual(['b']);
    expect((await readdir(pathOf('b'))).sort()).toEqual([markerName, 'weights']);
  });

  test('does not touch a model that was asked for since, or is at work', async () => {
    const { folder, uri, pathOf } = await cacheOf('a');
    const before = await modelOf(folder, 'a');
    await fetchInto(pathOf('a'), uri);
    expect(await evict(folder, before)).toBe('it was asked for meanwhile');
    const model = await modelOf(folder, 'a');
    {
      using _ = tryLockFolder(pathOf('a'));
      expect(await evict(folder, model)).toBe('a process is at work on it');
    }
    expect((await readdir(pathOf('a'))).sort()).toEqual([markerName, 'weights']);
    expect(isLocked(pathOf('a'))).toBe(false);
  });

  test('does nothing where the model is gone, and nothing where a link came in its place', async () => {
    const { folder, pathOf } = await cacheOf('a', 'b');
    const model = await modelOf(folder, 'a');
    await rm(pathOf('a'), { recursive: true });
    expect(await evict(folder, model)).toBeUndefined();
    await symlink('b', pathOf('a'));
    expect(await evict(folder, model)).toBeUndefined();
    expect((await readdir(pathOf('b'))).sort()).toEqual([markerName, 'weights']);
  });

  test('takes the marker first, and one that was interrupted is finished by the next fetch', async () => {
    const { folder, uri, pathOf } = await cacheOf('a');
    // As it stands when the machine stops: the marker is no marker any more, and of the model a part is left.
    await mkdir(join(pathOf('a'), '.dormouse-partial'));
    await rename(join(pathOf('a'), markerName), join(pathOf('a'), '.dormouse-partial/removed.json'));
    await rm(join(pathOf('a'), 'weights/model.bin'));
    expect(await modelOf(folder, 'a')).toMatchObject({ state: 'unfinished' });
    expect((await fetchInto(pathOf('a'), uri)).fetched).toBe(true);
    expect((await stat(join(pathOf('a'), 'weights/model.bin'))).size).toBe(1000);
  });

  test('that was interrupted is finished by the next one', async () => {
    const { folder, pathOf } = await cacheOf('a');
    await mkdir(join(pathOf('a'), '.dormouse-partial'));
    await rename(join(pathOf('a'), markerName), join(pathOf('a'), '.dormouse-partial/removed.json'));
    expect(await evict(folder, await modelOf(folder, 'a'))).toBeUndefined();
    expect(await readdir(join(folder, 'dormouse'))).toEqual([]);
  });

  test('takes what a publication that was interrupted had put in its place', async () => {
    const { folder, pathOf } = await cacheOf('a');
    await mkdir(join(pathOf('a'), '.dormouse-partial'));
    await rename(join(pathOf('a'), markerName), join(pathOf('a'), '.dormouse-partial/marker.json'));
    expect(await evict(folder, await modelOf(folder, 'a'))).toBeUndefined();
    expect(await readdir(join(folder, 'dormouse'))).toEqual([]);
  });

  test('while pods fetch the same model: each finds it whole', { timeout: 30_000 }, async () => {
    const { folder, uri, pathOf } = await cacheOf('a');
    let pods = 3;
    const pod = async () => {
      for (let round = 0; round < 15; round++) await fetchInto(pathOf('a'), uri);
      pods -= 1;
    };
    const pruning = async () => {
      let evicted = 0;
      while (pods > 0) {
        const [model] = (await readCache(folder)).models;
        if (model && (await evict(folder, model)) === undefined) evicted += 1;
        await new Promise(setImmediate);
      }
      return evicted;
    };
    const [evicted] = await Promise.all([pruning(), pod(), pod(), pod()]);
    expect(evicted).toBeGreaterThan(0);
    await fetchInto(pathOf('a'), uri);
    expect((await stat(join(pathOf('a'), 'weights/model.bin'))).size).toBe(1000);
    expect(await modelOf(folder, 'a')).toMatchObject({ state: 'complete' });
  });
});
