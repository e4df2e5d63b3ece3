import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pack } from 'tar-stream';
import { describe, expect, test } from 'vitest';
import { parseFileName } from '#fetch/paths.ts';
import { fileNameFor } from '#sources/file-name.ts';
import { failureOf, fetchInto, temporaryFolder } from '../support/fetching.ts';

describe('the name of a model that is one file', () => {
  test.each([
    ['model.joblib', 'churn-v3.joblib', 'model.joblib'],
    ['model.joblib', 'churn', 'model.joblib'],
    ['model', 'churn.pkl', 'model'],
    ['model.*', 'churn.pkl', 'model.pkl'],
    ['model.*', 'churn', 'model'],
    ['model.*', 'churn.v3.ONNX', 'model.ONNX'],
    ['model.*', 'churn.tar.gz', 'model.tar.gz'],
    ['model.*', '.tar.gz', 'model.gz'],
    ['model.*', '.hidden', 'model'],
    ['model.*', 'churn.', 'model'],
    ['model.v1.*', 'churn.pkl', 'model.v1.pkl'],
    ['..a.*', 'churn', '..a'],
  ])('as %s, %s is called %s', (wanted, original, name) => {
    expect(fileNameFor(parseFileName(wanted), original)).toBe(name);
  });

  test.each(['', '.', '..', '.*', '..*', '...*', 'a/b', '/a', 'a/', 'a\0b', '*', 'mo*el', 'm*.*'])(
    'is not %j',
    (name) => {
      expect(() => parseFileName(name)).toThrow(
        /is no plain file name: write one such as model\.onnx or model\.\*$/,
      );
    },
  );

  test.each(['.dormouse-complete', '.dormouse-partial', '.dormouse-lock.*'])('is not %s', (name) => {
    expect(() => parseFileName(name)).toThrow(/is one that dormouse uses itself/);
  });
});

/** A folder with some files in it. */
async function folderOf(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

describe('what is fetched under a name of its own', () => {
  const as = 'model.*';

  test('a file', async () => {
    const folder = await temporaryFolder();
    const source = await folderOf({ 'churn.pkl': 'churn', 'other.pkl': 'other' });
    const { marker } = await fetchInto(folder, `file://${source}/churn.pkl`, { as });
    expect(await readFile(join(folder, 'model.pkl'), 'utf8')).toBe('churn');
    expect(marker).toMatchObject({ entries: ['model.pkl'], sources: [{ path: 'model.pkl' }] });
  });

  test('a folder with a single file', async () => {
    const folder = await temporaryFolder();
    await fetchInto(folder, `file://${await folderOf({ 'churn.pkl': 'x' })}`, { as });
    expect((await readdir(folder)).sort()).toEqual(['.dormouse-complete', 'model.pkl']);
  });

  test('an archive that stays packed', async () => {
    const folder = await temporaryFolder();
    await fetchInto(folder, `file://${await folderOf({ 'churn.tgz': 'x' })}/churn.tgz`, {
      as,
      unpack: false,
    });
    expect((await readdir(folder)).sort()).toEqual(['.dormouse-complete', 'model.tgz']);
  });
});

describe('what keeps its names', () => {
  test.each([
    ['several files', { 'a.pkl': 'a', 'b.pkl': '' }, ['a.pkl', 'b.pkl']],
    ['a file in a folder', { 'b/c.pkl': 'c' }, ['b']],
  ])('%s', async (_, files, names) => {
    const folder = await temporaryFolder();
    await fetchInto(folder, `file://${await folderOf(files)}`, { as: 'model.pkl' });
    expect((await readdir(folder)).sort()).toEqual(['.dormouse-complete', ...names]);
  });

  test('the only file of an archive', async () => {
    const archive = pack();
    archive.entry({ name: 'churn.pkl' }, 'churn');
    archive.finalize();
    const source = join(await temporaryFolder(), 'churn.tar');
    await writeFile(source, archive as unknown as AsyncIterable<Buffer>);
    const folder = await temporaryFolder();
    await fetchInto(folder, `file://${source}`, { as: 'model.pkl' });
    expect((await readdir(folder)).sort()).toEqual(['.dormouse-complete', 'churn.pkl']);
  });
});

test('fetching again under the same name does nothing, under another it is refused', async () => {
  const source = await folderOf({ 'churn.pkl': 'x' });
  const folder = await temporaryFolder();
  const uri = `file://${source}/churn.pkl`;
  await fetchInto(folder, uri, { as: 'model.*' });
  await rename(source, `${source}-gone`);
  expect((await fetchInto(folder, uri, { as: 'model.*' })).fetched).toBe(false);
  for (const as of ['model.pkl', undefined])
    expect((await failureOf(fetchInto(folder, uri, { as }))).message).toMatch(
      /already holds .*, fetched otherwise/,
    );
  await rename(`${source}-gone`, source);
});
