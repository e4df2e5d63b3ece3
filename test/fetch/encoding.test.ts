import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { codingsOf } from '#fetch/encoding.ts';
import { failureOf, fetchInto, temporaryFolder } from '../support/fetching.ts';
import { serveFile } from '../support/fileserver.ts';

describe('which codings hide the file itself', () => {
  test.each([
    { header: undefined, file: 'model.bin', want: [] },
    { header: 'identity', file: 'model.bin', want: [] },
    { header: 'gzip', file: 'model.bin', want: ['gzip'] },
    { header: 'GZip', file: 'model.bin', want: ['gzip'] },
    { header: 'aws-chunked,gzip', file: 'model.bin', want: ['gzip'] },
    { header: 'aws-chunked', file: 'model.bin', want: [] },
    { header: 'x-gzip', file: 'model.tgz', want: [] },
    { header: 'gzip', file: 'model.tar.gz', want: [] },
    { header: 'br', file: 'model.tar.gz', want: ['br'] },
    { header: 'something', file: 'model.tar.gz', want: ['something'] },
  ])('$header of $file: $want', ({ header, file, want }) => {
    expect(codingsOf(header, file)).toEqual(want);
  });
});

const model = randomBytes(300_000);

/** A server that answers with a coding though none was asked for: it has the file in that form alone. */
const serveCoded = (coding: string, content: Buffer) =>
  serveFile(
    { content, etag: '"one"' },
    {
      handler: (_, response, serve) => {
        response.setHeader('content-encoding', coding);
        serve();
      },
    },
  );

test.each([
  { coding: 'gzip', packed: gzipSync(model) },
  { coding: 'br', packed: brotliCompressSync(model) },
  { coding: 'deflate', packed: deflateSync(model) },
  { coding: 'deflate, gzip', packed: gzipSync(deflateSync(model)) },
])('a file that comes with "$coding" unasked is the file, not what is packed', async ({ coding, packed }) => {
  const { url } = await serveCoded(coding, packed);
  const folder = await temporaryFolder();
  await fetchInto(folder, `${url}/model.bin`);
  expect(model.equals(await readFile(join(folder, 'model.bin')))).toBe(true);
});

test('an archive that is called gzip-coded for its own compression is that archive', async () => {
  const packed = gzipSync(model);
  const { url } = await serveCoded('gzip', packed);
  const folder = await temporaryFolder();
  await fetchInto(folder, `${url}/model.tar.gz`, { unpack: false });
  expect(packed.equals(await readFile(join(folder, 'model.tar.gz')))).toBe(true);
});

test('a coding that is not known is refused, and nothing is kept', async () => {
  const { url } = await serveCoded('compress', model);
  const folder = await temporaryFolder();
  const error = await failureOf(fetchInto(folder, `${url}/model.bin`));
  expect(error.message).toMatch(/it comes with "Content-Encoding: compress": store it without\.$/);
  expect((await readdir(folder)).filter((name) => !name.startsWith('.'))).toEqual([]);
});
