import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { measure } from '../bench/measure.ts';
import { run } from '../cluster/exec.ts';
import { failureOf, fetchInto, type Options, temporaryFolder } from '../support/fetching.ts';
import { cuttingProxy } from './passages.ts';
import { stores } from './stores.ts';

// What holds for each store of objects, on a real server of it.

const big = randomBytes(3_000_000);
const small: Options = { partSize: 256 * 1024, concurrency: 4 };

afterEach(() => vi.unstubAllEnvs());

/** The clouds' libraries look for credentials in the environment of the process. */
function fetchFrom(folder: string, uri: string, options: Options): ReturnType<typeof fetchInto> {
  for (const [name, text] of Object.entries(options.env ?? {})) vi.stubEnv(name, text);
  return fetchInto(folder, uri, { ...small, ...options });
}

describe.each(stores.map((store) => store()))('$name', (store) => {
  const { root, put, endpoint } = store;
  const env = store.env();
  const models = root('models');

  beforeAll(async () => {
    for (const bucket of ['models', 'public'] as const) await store.makeBucket(bucket);
    await put('models', 'big/model.bin', big);
    await put('models', 'iris/v3/model.joblib', 'joblib');
    await put('models', 'iris/v3/meta/a b+c%20ü.json', '{}');
    await put('models', 'iris/v3/meta/empty.txt', '');
    await put('models', 'iris/v3-old/model.joblib', 'old');
    await put('models', 'churn/v3/churn.joblib', 'churn');
    await put('models', 'My 100% モデル.bin', 'named');
    await put('public', 'public.bin', big);
  });

  test('an object comes in parts', async () => {
    const folder = await temporaryFolder();
    const { marker } = await fetchFrom(folder, `${models}/big/model.bin`, { env });
    expect(big.equals(await readFile(join(folder, 'model.bin')))).toBe(true);
    expect(marker).toMatchObject({ uri: `${models}/big/model.bin`, bytes: big.byteLength, files: 1 });
    expect(marker.sources[0]?.etag).toMatch(/./);
  });

  test.each(['iris/v3', 'iris/v3/'])('all below a prefix: %s', async (key) => {
    const folder = await temporaryFolder();
    await fetchFrom(folder, `${models}/${key}`, { env });
    expect((await readdir(folder, { recursive: true })).sort()).toEqual([
      '.dormouse-complete',
      'meta',
      'meta/a b+c%20ü.json',
      'meta/empty.txt',
      'model.joblib',
    ]);
    expect(await readFile(join(folder, 'model.joblib'), 'utf8')).toBe('joblib');
    expect(await readFile(join(folder, 'meta/empty.txt'), 'utf8')).toBe('');
  });

  test('a name with spaces, % and another script', async () => {
    const folder = await temporaryFolder();
    await fetchFrom(folder, `${models}/My 100% モデル.bin`, { env });
    expect(await readFile(join(folder, 'My 100% モデル.bin'), 'utf8')).toBe('named');
  });

  test('a list of several pages', async () => {
    const names = Array.from({ length: 1203 }, (_, index) => `many/${index}.txt`);
    while (names.length > 0) await Promise.all(names.splice(0, 50).map((name) => put('models', name, name)));
    const folder = await temporaryFolder();
    const { marker } = await fetchFrom(folder, `${models}/many`, { env, concurrency: 32 });
    expect(marker.files).toBe(1203);
    expect(await readFile(join(folder, '1202.txt'), 'utf8')).toBe('many/1202.txt');
  });

  test('an archive', async () => {
    const scratch = await temporaryFolder();
    await mkdir(join(scratch, 'in'));
    await writeFile(join(scratch, 'in/model.bin'), big);
    await run(['tar', '-czf', join(scratch, 'a.tar.gz'), '-C', join(scratch, 'in'), '.']);
    await put('models', 'packed/iris.tar.gz', await readFile(join(scratch, 'a.tar.gz')));
    const folder = await temporaryFolder();
    await fetchFrom(folder, `${models}/packed/iris.tar.gz`, { env });
    expect(big.equals(await readFile(join(folder, 'model.bin')))).toBe(true);
  });

  test('an object with a Content-Encoding is the file behind it', async () => {
    await put('models', 'coded/model.bin', gzipSync(big), 'gzip');
    const folder = await temporaryFolder();
    await fetchFrom(folder, `${models}/coded/model.bin`, { env });
    expect(big.equals(await readFile(join(folder, 'model.bin')))).toBe(true);
  });

  test('what anybody may read needs no credentials', async () => {
    const folder = await temporaryFolder();
    await fetchFrom(folder, `${root('public')}/public.bin`, { env: store.none.env });
    expect(big.equals(await readFile(join(folder, 'public.bin')))).toBe(true);
  });

  test('cut again and again, the bytes are the same', async () => {
    const at = await cuttingProxy(endpoint, (connection) => 50_000 + ((connection * 77_777) % 400_000));
    const lines: string[] = [];
    const folder = await temporaryFolder();
    await fetchFrom(folder, `${models}/big/model.bin`, { env: store.env(at), lines });
    expect(big.equals(await readFile(join(folder, 'model.bin')))).toBe(true);
    expect(lines.join()).toMatch(/trying again/);
  });

  test('an object that is replaced meanwhile is begun anew', async () => {
    const next = randomBytes(3_000_000);
    await put('models', 'changing.bin', big);
    let replaced: Promise<unknown> | undefined;
    const at = await cuttingProxy(endpoint, (connection) => {
      if (connection === 5) replaced ??= put('models', 'changing.bin', next);
      return 300_000;
    });
    const folder = await temporaryFolder();
    const lines: string[] = [];
    await fetchFrom(folder, `${models}/changing.bin`, { concurrency: 1, env: store.env(at), lines });
    await replaced;
    expect(next.equals(await readFile(join(folder, 'changing.bin')))).toBe(true);
    expect(lines.join('\n')).toMatch(/changed while it was downloaded: beginning anew/);
  });

  test('256 MiB take less than 150 MB of memory', async () => {
    const block = randomBytes(1024 * 1024);
    await put('models', 'large.bin', Buffer.concat(Array.from({ length: 256 }, () => block)));
    const main = join(import.meta.dirname, '../../src/main.ts');
    const folder = await temporaryFolder();
    const command = [process.execPath, main, 'fetch', '--progress', 'none', `${models}/large.bin`, folder];
    const { peakMiB } = await measure(command, env as Record<string, string>);
    expect(peakMiB * 1.048576).toBeLessThan(150);
  });

  test.each<[string, string, Options, RegExp]>([
    ['no such object', `${models}/none`, { env }, /no such object, and none below .*\/none\/: check the URI/],
    ['an empty prefix', `${models}/none/`, { env }, /none below/],
    ['a key that is encoded', `${models}/a%20b`, { env }, /in a key nothing is decoded/],
    ['no such bucket', `${root('absent')}/none`, { env }, store.noBucket],
    ['wrong credentials', `${models}/big/model.bin`, { env: store.wrong.env }, store.wrong.says],
    ['no credentials', `${models}/big/model.bin`, { env: store.none.env }, store.none.says],
    ['0 bytes', `${models}/iris/v3/meta/empty.txt`, { env }, /0 bytes: check the URI, or upload the model/],
    [
      'too big',
      `${models}/big/model.bin`,
      { env, size: 2_000_000 },
      /its 3000000 bytes \(2\.9 MiB\) are more than the declared/,
    ],
  ])('%s is one sentence', async (_, uri, options, sentence) => {
    const error = await failureOf(fetchFrom(await temporaryFolder(), uri, options));
    expect(error).toMatchObject({ retryable: false, message: expect.stringMatching(sentence) });
  });
});
