import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failureOf, fastClock, fetchInto, temporaryFolder } from '../support/fetching.ts';
import {
  type Certificate,
  cutAfter,
  makeCertificate,
  type Served,
  serveFile,
} from '../support/fileserver.ts';

const content = randomBytes(1_000_000);
const served: Served = { content, etag: '"one"' };
const small = { partSize: 100_000, concurrency: 3 };

async function fetched(folder: string, name = 'model.bin'): Promise<Buffer> {
  const names = await readdir(folder);
  expect(names.sort()).toEqual(['.dormouse-complete', name]);
  return readFile(join(folder, name));
}

describe('over TLS', () => {
  let certificate: Certificate;
  const before = getCACertificates('default');
  beforeAll(async () => {
    certificate = await makeCertificate();
  });
  afterAll(() => setDefaultCACertificates(before));

  test('a certificate that nobody vouches for is refused at once', async () => {
    const { url } = await serveFile(served, { certificate });
    const error = await failureOf(fetchInto(await temporaryFolder(), `${url}/model.bin`));
    expect(error.retryable).toBe(false);
    expect(error.message).toMatch(/certificate is not trusted \(\w+\): .*NODE_EXTRA_CA_CERTS\.$/);
  });

  test('a file comes in parts, several at a time', async () => {
    setDefaultCACertificates([certificate.cert]);
    const { url, requests } = await serveFile(served, { certificate });
    const folder = await temporaryFolder();
    const sha256 = createHash('sha256').update(content).digest('hex');
    const { marker } = await fetchInto(folder, `${url}/model.bin?sig=x`, {
      ...small,
      digest: `sha256:${sha256}`,
    });
    expect(content.equals(await fetched(folder))).toBe(true);
    expect(requests).toHaveLength(11);
    expect(marker).toMatchObject({
      uri: `${url}/model.bin`,
      bytes: 1_000_000,
      files: 1,
      sources: [{ path: 'model.bin', size: 1_000_000, etag: '"one"', sha256 }],
    });
  });

  test.each(['https', 'http'])(
    'a big file comes whole over %s, which is faster than the disk',
    async (scheme) => {
      setDefaultCACertificates([certificate.cert]);
      const big = randomBytes(50_000_001);
      const { url } = await serveFile(
        { content: big, etag: '"one"' },
        scheme === 'https' ? { certificate } : {},
      );
      const folder = await temporaryFolder();
      const lines: string[] = [];
      // Real time: on a busy machine a fast clock would take the server for silent.
      const options = { partSize: 20_000_003, concurrency: 2, lines, clock: fastClock(1) };
      await fetchInto(folder, `${url}/model.bin`, options);
      expect(big.equals(await fetched(folder))).toBe(true);
      expect(lines).toEqual([]);
    },
  );

  test('a redirect to http is not followed, even where http is allowed', async () => {
    setDefaultCACertificates([certificate.cert]);
    const { url } = await serveFile(served, {
      certificate,
      handler: (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/model.bin' }).end(),
    });
    const error = await failureOf(fetchInto(await temporaryFolder(), `${url}/model.bin`));
    expect(error.message).toMatch(/redirects from https:\/\/ to http:\/\/127\.0\.0\.1:1\/model\.bin/);
  });
});

describe('whatever the server does, the bytes are right or the fetch fails', () => {
  test('any pattern of cuts yields the same bytes', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.option(fc.nat(120_000)), { maxLength: 25 }),
        fc.record({
          ranges: fc.boolean(),
          length: fc.boolean(),
          partSize: fc.integer({ min: 70_000, max: 400_000 }),
        }),
        async (cuts, { ranges, length, partSize }) => {
          // Without ranges each cut begins anew: more than seven in a row are too many.
          const patience = ranges ? cuts : cuts.filter((cut) => cut !== null).slice(0, 6);
          const { url } = await serveFile(
            { content: content.subarray(0, 500_000), etag: '"one"', ranges, length },
            {
              handler: (_, response, serve, count) => {
                const cut = patience[count - 1];
                if (cut != null) cutAfter(response, Math.max(1, cut));
                serve();
              },
            },
          );
          const folder = await temporaryFolder();
          await fetchInto(folder, `${url}/model.bin`, { partSize, concurrency: 4 });
          expect(content.subarray(0, 500_000).equals(await fetched(folder))).toBe(true);
        },
      ),
      { numRuns: 30 },
    ));

  test('a part that stalls is asked for again from where it stopped', async () => {
    const lines: string[] = [];
    const { url, requests } = await serveFile(served, {
      handler: (_, response, serve, count) => {
        if (count === 3) cutAfter(response, 40_000, () => {});
        serve();
      },
    });
    const folder = await temporaryFolder();
    await fetchInto(folder, `${url}/model.bin`, { ...small, concurrency: 1, lines });
    expect(content.equals(await fetched(folder))).toBe(true);
    expect(requests).toContain('bytes=140000-199999');
    expect(lines.join()).toMatch(/nothing came for 30 s; trying again/);
  });

  test.each([429, 503, 500, 408])('status %i is tried again', async (status) => {
    const lines: string[] = [];
    const { url } = await serveFile(served, {
      handler: (_, response, serve, count) =>
        count % 2 ? response.writeHead(status, { 'retry-after': '7' }).end() : serve(),
    });
    const folder = await temporaryFolder();
    await fetchInto(folder, `${url}/model.bin`, { ...small, concurrency: 1, lines });
    expect(content.equals(await fetched(folder))).toBe(true);
    expect(lines[0]).toMatch(new RegExp(`the server answered ${status}; trying again in 7.0 s`));
  });

  test('a file that changes meanwhile is begun anew, and never mixed', async () => {
    const lines: string[] = [];
    const changing: Served = { content, etag: '"one"' };
    const next = randomBytes(1_000_000);
    const { url } = await serveFile(changing, {
      handler: (_, __, serve, count) => {
        if (count === 5) Object.assign(changing, { content: next, etag: '"two"' });
        serve();
      },
    });
    const folder = await temporaryFolder();
    await fetchInto(folder, `${url}/model.bin`, { ...small, lines });
    expect(next.equals(await fetched(folder))).toBe(true);
    expect(lines[0]).toMatch(/changed while it was downloaded: beginning anew/);
  });

  test('a file that changes all the time is given up, and worth trying later', async () => {
    const changing: Served = { content, etag: '"0"' };
    const { url } = await serveFile(changing, {
      handler: (_, __, serve, count) => {
        changing.etag = `"${count}"`;
        serve();
      },
    });
    const error = await failureOf(fetchInto(await temporaryFolder(), `${url}/model.bin`, small));
    expect([error.retryable, error.message]).toEqual([true, expect.stringMatching(/changed while/)]);
  });

  test.each<[string, Partial<Served>]>([
    ['without ranges', { ranges: false }],
    ['without a length', { ranges: false, length: false }],
    ['without anything that names the version', { etag: undefined }],
    ['with a weak ETag alone', { etag: 'W/"weak"' }],
    ['that sends chunks of ranges', { length: false }],
    ['with a date', { etag: undefined, lastModified: 'Tue, 03 Nov 2026 10:00:00 GMT' }],
  ])('a server %s is served too', async (_, kind) => {
    const { url } = await serveFile({ ...served, ...kind } as Served);
    const folder = await temporaryFolder();
    await fetchInto(folder, `${url}/model.bin`, small);
    expect(content.equals(await fetched(folder))).toBe(true);
  });

  test('a file of 0 bytes is no model', async () => {
    const { url } = await serveFile({ content: Buffer.alloc(0), etag: '"none"' });
    const folder = await temporaryFolder();
    const error = await failureOf(fetchInto(folder, `${url}/model.bin`));
    expect(error.message).toMatch(
      /all that is there has 0 bytes: check the URI, or upload the model anew\.$/,
    );
    expect(await readdir(folder)).toEqual([]);
  });
});

test('redirects are followed, and another host is not told the authorization', async () => {
  const seen: (string | undefined)[] = [];
  const target = await serveFile(served, {
    handler: (request, _, serve) => {
      seen.push(request.headers.authorization);
      serve();
    },
  });
  const { url } = await serveFile(served, {
    handler: ({ headers }, response) =>
      headers.authorization === 'Bearer token'
        ? response.writeHead(307, { location: `${target.url}/elsewhere.bin` }).end()
        : response.writeHead(401).end(),
  });
  const folder = await temporaryFolder();
  await fetchInto(folder, `${url}/model.bin`, {
    ...small,
    env: { DORMOUSE_HTTP_AUTHORIZATION: 'Bearer token' },
  });
  expect(content.equals(await fetched(folder))).toBe(true);
  expect(new Set(seen)).toEqual(new Set([undefined]));
});

describe('failures are one sentence', () => {
  test.each([
    [401, /access is denied \(401\): .*DORMOUSE_HTTP_AUTHORIZATION/],
    [403, /access is denied \(403\)/],
    [404, /there is nothing \(404\): check the URI/],
    [418, /refused the request \(418\)/],
  ])('%i', async (status, sentence) => {
    const { url, requests } = await serveFile(served, {
      handler: (_, response) => response.writeHead(status).end(),
    });
    const error = await failureOf(fetchInto(await temporaryFolder(), `${url}/model.bin?sig=secret`));
    expect(error).toMatchObject({ retryable: false, message: expect.stringMatching(sentence) });
    expect(error.message).not.toContain('secret');
    expect(requests).toHaveLength(1);
  });

  test('a host that nobody knows', async () => {
    const error = await failureOf(fetchInto(await temporaryFolder(), 'https://nowhere.invalid/model.bin'));
    expect(error.message).toMatch(/the host nowhere\.invalid is unknown/);
  });

  test('a port where nobody listens is worth trying later', async () => {
    const error = await failureOf(fetchInto(await temporaryFolder(), 'http://127.0.0.1:1/model.bin'));
    expect(error).toMatchObject({
      retryable: true,
      message: expect.stringMatching(/ECONNREFUSED.*given up after 8 tries/),
    });
  });

  test('a wrong digest names both, and leaves nothing to go on with', async () => {
    const { url } = await serveFile(served);
    const folder = await temporaryFolder();
    const wrong = 'a'.repeat(64);
    const error = await failureOf(fetchInto(folder, `${url}/model.bin`, { digest: `sha256:${wrong}` }));
    const right = createHash('sha256').update(content).digest('hex');
    expect(error.message).toMatch(new RegExp(`is sha256:${right}, not the declared sha256:${wrong}`));
    expect(await readdir(folder)).toEqual([]);
  });

  test('a model bigger than declared, whether the server says so before or not', async () => {
    for (const length of [true, false]) {
      const { url } = await serveFile({ content, ranges: false, length });
      const error = await failureOf(
        fetchInto(await temporaryFolder(), `${url}/model.bin`, { size: 999_999 }),
      );
      expect(error.message).toMatch(/more than the declared 999999 bytes \(977 KiB\)/);
    }
  });
});
