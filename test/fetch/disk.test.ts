import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { run } from '../cluster/exec.ts';
import { failureOf, fetchInto, temporaryFolder } from '../support/fetching.ts';
import { serveFile } from '../support/fileserver.ts';

const mayMount = process.platform === 'linux' && process.getuid?.() === 0;

/** The root of a file system of 1 MiB, which is gone when the test ends. */
async function smallDisk(): Promise<string> {
  const folder = join(await temporaryFolder(), 'disk');
  await mkdir(folder);
  await run(['mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]);
  onTestFinished(async () => void (await run(['umount', folder])));
  return folder;
}

// Only root may mount a file system of its own.
describe.skipIf(!mayMount)('on a disk of 1 MiB', () => {
  test('a model is put into the root of the volume', async () => {
    const content = randomBytes(900_000);
    const { url } = await serveFile({ content, etag: '"one"' });
    const folder = await smallDisk();
    await fetchInto(folder, `${url}/model.bin`);
    expect(content.equals(await readFile(join(folder, 'model.bin')))).toBe(true);
  });

  test('a bigger one is refused before it is fetched', async () => {
    const { url, requests } = await serveFile({ content: randomBytes(2_000_000), etag: '"one"' });
    const folder = await smallDisk();
    const error = await failureOf(fetchInto(folder, `${url}/model.bin`));
    expect(error.message).toMatch(
      /the disk is full: 1\.9 MiB to come does not fit into the \d+ KiB that are free/,
    );
    expect([error.retryable, requests.length]).toEqual([false, 1]);
  });

  test('one of unknown size is refused when the disk is full, at once', async () => {
    const { url, requests } = await serveFile({
      content: randomBytes(3_000_000),
      ranges: false,
      length: false,
    });
    const error = await failureOf(fetchInto(await smallDisk(), `${url}/model.bin`));
    expect(error.message).toMatch(/the disk is full: what comes does not fit/);
    expect([error.retryable, requests.length]).toEqual([false, 2]);
  });

  test('an archive is refused that is too big when unpacked', async () => {
    const archive = pack();
    archive.entry({ name: 'model.bin' }, Buffer.alloc(3_000_000));
    archive.finalize();
    const source = join(await temporaryFolder(), 'model.tgz');
    await writeFile(source, gzipSync(await buffer(archive as unknown as AsyncIterable<Buffer>)));
    const folder = await smallDisk();
    const error = await failureOf(fetchInto(folder, `file://${source}`));
    expect(error.message).toMatch(/the disk is full: what comes does not fit/);
    expect(await readdir(folder)).toEqual(['.dormouse-partial']);
  });

  test('a cache without room says so in a pod, for all who share it', async () => {
    const { url } = await serveFile({ content: randomBytes(2_000_000), etag: '"one"' });
    const folder = join(await smallDisk(), 'dormouse/key');
    const error = await failureOf(fetchInto(folder, `${url}/model.bin`, { target: 'Cache' }));
    expect(error.messageIn('Pod')).toMatch(
      /the disk is full: .*: enlarge the claim of spec.model.cache, or evict from it what no model needs \(dormouse cache prune\)\.$/,
    );
  });

  test('a cache that may not be written to says who must be let in', async () => {
    const folder = await smallDisk();
    await run(['mount', '-o', 'remount,ro', folder]);
    const failure = failureOf(fetchInto(join(folder, 'dormouse/key'), 'file:///x', { target: 'Cache' }));
    expect((await failure).messageIn('Pod')).toMatch(
      /this user \(0\) may not write to the cache: set spec.pod.securityContext.fsGroup, or/,
    );
  });
});
