import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { failureOf, fetchInto, temporaryFolder } from '../support/fetching.ts';

// A folder that another user made, such as a cloned repository, may hold what an interrupted fetch leaves. Whatever stands in
// it: nothing outside of the folder changes.

/** A folder with a model folder in it, files beside that, and a model to fetch. */
async function makeHome() {
  const home = await temporaryFolder();
  const source = join(home, 'source');
  const folder = join(home, 'repository/model');
  for (const path of [source, folder, join(home, '.ssh')]) await mkdir(path, { recursive: true });
  await writeFile(join(home, '.ssh/id'), 'secret');
  await writeFile(join(home, 'notes.txt'), 'notes');
  await writeFile(join(home, 'repository/readme'), 'read me');
  await writeFile(join(source, 'a.txt'), 'a');
  return { home, folder, uri: `file://${source}` };
}

/** All files outside of the model folder with what they hold. */
async function outside(home: string): Promise<Record<string, string>> {
  const entries = await readdir(home, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name));
  const others = paths.filter((path) => !path.startsWith(join(home, 'repository/model/')));
  return Object.fromEntries(
    await Promise.all(others.map(async (path) => [path, await readFile(path, 'utf8')] as const)),
  );
}

/** The key of a fetch without options: the hash of what is public, so that others can know it. */
const keyOf = (uri: string): string =>
  createHash('sha256')
    .update(JSON.stringify([uri, true, undefined, undefined]))
    .digest('hex');

const markerOf = (uri: string, key: string, entries: unknown) =>
  JSON.stringify({ uri, key, sources: [], bytes: 1, files: 1, entries, time: '2026-01-01T00:00:00Z' });

const name = fc.oneof(
  fc.constantFrom(
    '..',
    '../..',
    '../../.ssh',
    '../readme',
    '../../notes.txt',
    '/',
    '.',
    '',
    'a.txt',
    'a\0b',
    '.dormouse-partial/model/../../..',
  ),
  fc.string({ maxLength: 8 }),
);
const anything = fc.oneof(fc.json({ maxDepth: 2 }), fc.string({ maxLength: 40 }));

test('whatever stands in markers, plans and journals, nothing outside of the folder changes', {
  timeout: 60_000,
}, async () => {
  const property = fc.asyncProperty(
    fc.array(name, { maxLength: 4 }),
    fc.boolean(),
    fc.boolean(),
    anything,
    anything,
    async (entries, pending, ownKey, plan, journal) => {
      const { home, folder, uri } = await makeHome();
      const partial = join(folder, '.dormouse-partial');
      await mkdir(join(partial, 'model'), { recursive: true });
      await mkdir(join(partial, 'parts'), { recursive: true });
      const text = markerOf(uri, ownKey ? keyOf(uri) : 'another', entries);
      await writeFile(pending ? join(partial, 'marker.json') : join(folder, '.dormouse-complete'), text);
      await writeFile(join(partial, 'plan.json'), plan);
      await writeFile(join(partial, 'parts/0'), 'x');
      await writeFile(join(partial, 'parts/0.journal'), journal);
      const before = await outside(home);
      await fetchInto(folder, uri).catch(() => {});
      expect(await outside(home)).toEqual(before);
    },
  );
  await fc.assert(property, { numRuns: 150 });
});

test.each([
  ['what an interrupted fetch leaves', '.dormouse-partial', '..'],
  ['the model in it', '.dormouse-partial/model', '../../../.ssh'],
  ['the parts in it', '.dormouse-partial/parts', '../../../.ssh'],
  ['a part', '.dormouse-partial/parts/0', '../../../../notes.txt'],
  ['the lock', '.dormouse-lock', '../../new'],
])('a link in the place of %s is refused, and not followed', async (_, place, target) => {
  const { home, folder, uri } = await makeHome();
  await mkdir(dirname(join(folder, place)), { recursive: true });
  await symlink(target, join(folder, place));
  const before = await outside(home);
  expect((await failureOf(fetchInto(folder, uri))).message).toMatch(/link.*: remove it\.$/);
  expect(await outside(home)).toEqual(before);
});

test('a complete marker of another model with a way out in it is no marker', async () => {
  const { home, folder, uri } = await makeHome();
  await writeFile(join(folder, '.dormouse-complete'), markerOf(uri, 'another', ['../../.ssh']));
  const before = await outside(home);
  expect((await failureOf(fetchInto(folder, uri))).message).toMatch(/already holds .dormouse-complete/);
  expect(await outside(home)).toEqual(before);
});
