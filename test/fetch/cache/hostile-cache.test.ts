import { mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { evict, readCache } from '#fetch/cache/cache.ts';
import { chooseEvictions } from '#fetch/cache/eviction.ts';
import { temporaryFolder } from '../../support/fetching.ts';

// Every pod that has the claim may write anything into it. Whatever stands there: a prune changes nothing outside of the
// folders of models, and in these nothing that no fetch has left.

/** Files and links below a folder with what they hold or where they lead. */
async function tree(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const leaves = entries.filter((entry) => !entry.isDirectory());
  const texts = leaves.map(async (entry) => {
    const path = join(entry.parentPath, entry.name);
    return [path, entry.isSymbolicLink() ? `-> ${await readlink(path)}` : await readFile(path, 'utf8')];
  });
  return Object.fromEntries(await Promise.all(texts));
}

const inFolder = fc.constantFrom(
  '.dormouse-complete',
  '.dormouse-partial',
  '.dormouse-partial/marker.json',
  '.dormouse-partial/removed.json',
  '.dormouse-partial/model',
  '.dormouse-partial/model/weights',
  '.dormouse-partial/parts/0',
  '.dormouse-lock',
  'weights',
  'weights/model.bin',
  'precious',
);
const entry = fc.constantFrom(
  'weights',
  'precious',
  '..',
  '../b',
  '../../precious',
  '',
  '.',
  '/',
  '.dormouse-lock',
);
const thing = fc.oneof(
  fc.record({
    kind: fc.constant('marker' as const),
    entries: fc.array(entry, { maxLength: 3 }),
    bytes: fc.integer(),
  }),
  fc.record({ kind: fc.constant('file' as const) }),
  fc.record({ kind: fc.constant('folder' as const) }),
  fc.record({
    kind: fc.constant('link' as const),
    target: fc.constantFrom('..', '../b', '../../precious', '../../../home', 'weights', '/', 'nowhere'),
  }),
);
const models = fc.array(fc.record({ key: fc.constantFrom('a', 'b', '..a'), path: inFolder, thing }), {
  maxLength: 8,
});

const markerOf = (entries: readonly string[], bytes: number) =>
  JSON.stringify({ uri: 'x', key: 'x', sources: [], bytes, files: 1, entries, time: '2026-01-01T00:00:00Z' });

test('whatever stands in a cache, nothing is touched but what a fetch has left', {
  timeout: 60_000,
}, async () => {
  const property = fc.asyncProperty(models, async (placed) => {
    const home = await temporaryFolder();
    const folder = join(home, 'claim');
    await mkdir(join(folder, 'dormouse'), { recursive: true });
    await writeFile(join(home, 'home'), 'home');
    await writeFile(join(folder, 'precious'), 'of another program');
    // Deep links last, so that nothing is placed through one.
    const rank = ({ path, thing }: (typeof placed)[number]) =>
      thing.kind === 'link' ? 1000 - path.length : 0;
    for (const { key, path, thing } of placed.toSorted((one, other) => rank(one) - rank(other))) {
      const full = join(folder, 'dormouse', key, path);
      // What is in the way of another stays.
      const place = async () => {
        await mkdir(dirname(full), { recursive: true });
        if (thing.kind === 'folder') await mkdir(full);
        else if (thing.kind === 'link') await symlink(thing.target, full);
        else if (thing.kind === 'marker')
          await writeFile(full, markerOf(thing.entries, thing.bytes), { flag: 'wx' });
        else await writeFile(full, 'x', { flag: 'wx' });
      };
      await place().catch(() => {});
    }
    const before = await tree(home);
    const { models: found, foreign } = await readCache(folder);
    const evictions = chooseEvictions(found, {
      keep: new Set(),
      maxAgeMs: -1e15,
      maxBytes: 0,
      now: Date.now(),
    });
    const evicted = new Set<string>();
    for (const { model } of evictions) {
      const obstacle = await evict(folder, model).catch(String);
      if (obstacle === undefined) evicted.add(model.key);
    }
    const after = await tree(home);
    const isOurs = (path: string) =>
      [...evicted].some((key) => path.startsWith(join(folder, 'dormouse', key, '/'))) ||
      path.endsWith('/.dormouse-lock');
    expect(pick(after, (path) => !isOurs(path))).toEqual(pick(before, (path) => !isOurs(path)));
    // What is evicted is gone as a whole, and what is foreign was not looked upon as a model.
    expect(Object.keys(after).filter((path) => isOurs(path) && !path.endsWith('-lock'))).toEqual([]);
    for (const { name } of foreign) expect(evicted.has(name)).toBe(false);
  });
  await fc.assert(property, { numRuns: 300 });
});

const pick = (all: Readonly<Record<string, string>>, wanted: (path: string) => boolean) =>
  Object.fromEntries(Object.entries(all).filter(([path]) => wanted(path)));
