import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { markerName } from '#base/marker.ts';
import { failureOf, fetchInto, temporaryFolder } from '../support/fetching.ts';
import { type Served, serveFile } from '../support/fileserver.ts';

const content = randomBytes(1_000_000);
const served: Served = { content, etag: '"one"' };
const parts = { partSize: 100_000, concurrency: 2 };

/** A folder with two files to fetch. */
async function twoFiles(): Promise<string> {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'b'));
  await writeFile(join(folder, 'a.txt'), 'a');
  await writeFile(join(folder, 'b/c.txt'), 'c');
  return folder;
}

test('fetching again does nothing, and asks nobody', async () => {
  const { url, requests } = await serveFile(served);
  const folder = await temporaryFolder();
  expect((await fetchInto(folder, `${url}/model.bin`)).fetched).toBe(true);
  const asked = requests.length;
  expect((await fetchInto(folder, `${url}/model.bin`)).fetched).toBe(false);
  expect(requests).toHaveLength(asked);
});

test('the time of the marker tells when a model was asked for last', async () => {
  const folder = await temporaryFolder();
  const uri = `file://${await twoFiles()}`;
  await fetchInto(folder, uri);
  const marker = join(folder, markerName);
  await utimes(marker, 0, 0);
  await fetchInto(folder, uri);
  expect((await stat(marker)).mtimeMs).toBeGreaterThan(0);
});

describe('a folder that holds something else is refused', () => {
  test('a file of its user', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'precious'), '');
    const error = await failureOf(fetchInto(folder, `file://${await twoFiles()}`));
    expect(error.message).toMatch(/already holds precious/);
    expect(await readdir(folder)).toEqual(['precious']);
  });

  test('another model', async () => {
    const folder = await temporaryFolder();
    const first = await twoFiles();
    await fetchInto(folder, `file://${first}`);
    const error = await failureOf(fetchInto(folder, `file://${await twoFiles()}`));
    expect(error.message).toMatch(`already holds file://${first}`);
  });
});

test('a run that gave up leaves what came, and the next one asks for the rest alone', async () => {
  let broken = true;
  const { url, requests } = await serveFile(served, {
    handler: (_, response, serve, count) => (broken && count > 6 ? response.destroy() : serve()),
  });
  const folder = await temporaryFolder();
  const lines: string[] = [];
  const error = await failureOf(fetchInto(folder, `${url}/model.bin`, parts));
  expect(error).toMatchObject({ retryable: true, message: expect.stringMatching(/given up after 8 tries/) });
  expect(await readdir(folder)).toEqual(['.dormouse-partial']);
  broken = false;
  const before = requests.length;
  await fetchInto(folder, `${url}/model.bin`, { ...parts, lines });
  expect(content.equals(await readFile(join(folder, 'model.bin')))).toBe(true);
  expect(requests.length - before).toBe(6);
  expect(lines[0]).toMatch(/going on with what an interrupted run has left/);
});

test('what came of another version is not used', async () => {
  let broken = true;
  const changing: Served = { ...served };
  const { url } = await serveFile(changing, {
    handler: (_, response, serve, count) => (broken && count > 4 ? response.destroy() : serve()),
  });
  const folder = await temporaryFolder();
  await failureOf(fetchInto(folder, `${url}/model.bin`, parts));
  broken = false;
  const next = randomBytes(1_000_000);
  Object.assign(changing, { content: next, etag: '"two"' });
  await fetchInto(folder, `${url}/model.bin`, parts);
  expect(next.equals(await readFile(join(folder, 'model.bin')))).toBe(true);
});

test('a publication that was interrupted is finished, without asking anybody', async () => {
  const source = await twoFiles();
  const folder = await temporaryFolder();
  await fetchInto(folder, `file://${source}`);
  // As it stands after the first of two renames.
  const partial = join(folder, '.dormouse-partial');
  await mkdir(join(partial, 'model'), { recursive: true });
  await rename(join(folder, 'b'), join(partial, 'model/b'));
  await rename(join(folder, '.dormouse-complete'), join(partial, 'marker.json'));
  await rename(source, `${source}-gone`);
  expect((await fetchInto(folder, `file://${source}`)).fetched).toBe(false);
  expect((await readdir(folder)).sort()).toEqual(['.dormouse-complete', 'a.txt', 'b']);
  expect(await readFile(join(folder, 'b/c.txt'), 'utf8')).toBe('c');
  await rename(`${source}-gone`, source);
});

test('what a marker speaks of and is not there is fetched again', async () => {
  const source = await twoFiles();
  const folder = await temporaryFolder();
  await fetchInto(folder, `file://${source}`);
  await rm(join(folder, 'a.txt'));
  expect((await fetchInto(folder, `file://${source}`)).fetched).toBe(true);
  expect(await readFile(join(folder, 'a.txt'), 'utf8')).toBe('a');
});

test('a source that is not there, empty, or marked by ourselves is refused', async () => {
  const missing = await failureOf(fetchInto(await temporaryFolder(), 'file:///none/such'));
  expect(missing.message).toBe('/none/such: there is no such file or folder: check the URI.');
  const empty = await temporaryFolder();
  expect((await failureOf(fetchInto(await temporaryFolder(), `file://${empty}`))).message).toMatch(
    /is empty/,
  );
  const ours = await temporaryFolder();
  await writeFile(join(ours, '.dormouse-complete'), '');
  expect((await failureOf(fetchInto(await temporaryFolder(), `file://${ours}`))).message).toMatch(
    /uses itself/,
  );
});
