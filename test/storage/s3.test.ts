import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { systemClock } from '#base/clock.ts';
import { failureOf, fetchInto, type Options, temporaryFolder } from '../support/fetching.ts';
import { cuttingProxy, proxy } from './passages.ts';

const env = inject('s3');
const client = new S3Client({
  endpoint: env.AWS_ENDPOINT_URL ?? '',
  region: env.AWS_REGION ?? '',
  forcePathStyle: true,
  credentials: { accessKeyId: env.AWS_ACCESS_KEY_ID ?? '', secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? '' },
});
const big = randomBytes(3_000_000);
const small: Options = { partSize: 256 * 1024, concurrency: 4, env };

const put = (Key: string, Body: Buffer | string, Bucket = 'ours') =>
  client.send(new PutObjectCommand({ Bucket, Key, Body }));

beforeAll(async () => {
  await client.send(new CreateBucketCommand({ Bucket: 'ours' }));
  await put('big/model.bin', big);
  await put('iris/v3/model.joblib', 'joblib');
  await put('iris/v3/meta/a b+c%20ü.json', '{}');
  await put('iris/v3-old/model.joblib', 'old');
  await put('churn/v3/churn.joblib', 'churn');
});
afterAll(() => client.destroy());
afterEach(() => vi.unstubAllEnvs());

/** The SDK looks for credentials in the environment of the process. */
function fetchS3(folder: string, uri: string, options: Options): ReturnType<typeof fetchInto> {
  for (const name of Object.keys(env)) vi.stubEnv(name, options.env?.[name]);
  return fetchInto(folder, uri, options);
}

describe('from a real S3 server', () => {
  test('a list of several pages, each of which may take as long as a silence lasts', async () => {
    const keys = Array.from({ length: 1203 }, (_, index) => `many/${index}.txt`);
    while (keys.length > 0) await Promise.all(keys.splice(0, 50).map((key) => put(key, key)));
    const folder = await temporaryFolder();
    const slow = await proxy(
      env.AWS_ENDPOINT_URL ?? '',
      () => (chunk, pass) => void setTimeout(() => pass(chunk), 400),
    );
    const options = {
      ...small,
      concurrency: 64,
      env: { ...env, AWS_ENDPOINT_URL: slow },
      clock: systemClock,
      stallMs: 1500,
    };
    const { marker } = await fetchS3(folder, 's3://ours/many', options);
    expect(marker.files).toBe(1203);
    expect(await readFile(join(folder, '1202.txt'), 'utf8')).toBe('many/1202.txt');
  });

  test('an object with a Content-Encoding is the file behind it, alone; in a folder it is refused', async () => {
    const Body = gzipSync(big);
    await client.send(
      new PutObjectCommand({ Bucket: 'ours', Key: 'coded/model.bin', Body, ContentEncoding: 'gzip' }),
    );
    const folder = await temporaryFolder();
    await fetchS3(folder, 's3://ours/coded/model.bin', small);
    expect(big.equals(await readFile(join(folder, 'model.bin')))).toBe(true);
    const error = await failureOf(fetchS3(await temporaryFolder(), 's3://ours/coded', small));
    expect(error.message).toMatch(/it comes with "Content-Encoding: gzip": store it without\.$/);
  });

  test.each([
    ['s3://ours/churn/v3/churn.joblib', ['model.joblib']],
    ['s3://ours/churn/v3', ['model.joblib']],
    ['s3://ours/iris/v3', ['meta', 'model.joblib']],
    ['s3://ours/churn', ['v3']],
  ])('one object gets the name that is asked for: %s', async (uri, names) => {
    const folder = await temporaryFolder();
    await fetchS3(folder, uri, { ...small, as: 'model.*' });
    expect((await readdir(folder)).sort()).toEqual(['.dormouse-complete', ...names]);
  });
});

test('a digest of many files is one sentence', async () => {
  const options = { ...small, digest: `sha256:${'0'.repeat(64)}` };
  const error = await failureOf(fetchS3(await temporaryFolder(), 's3://ours/iris/v3', options));
  expect(error).toMatchObject({ retryable: false, message: expect.stringMatching(/these are 2 files/) });
});

test('a command that is ended in the middle goes on where it stopped', async () => {
  const root = await temporaryFolder();
  const folder = join(root, 'model');
  const log = join(root, 'termination-log');
  await writeFile(log, '');
  // The first way ends in the middle of the file and leaves the rest in the air.
  const run = (endpoint: string) => {
    const main = join(import.meta.dirname, '../../src/main.ts');
    const args = [
      'fetch',
      's3://ours/big/model.bin',
      folder,
      '--part-size',
      '64Ki',
      '--concurrency',
      '1',
      '--as',
      'm.*',
    ];
    const child = spawn(process.execPath, [main, ...args], {
      env: { PATH: process.env.PATH, ...env, AWS_ENDPOINT_URL: endpoint, DORMOUSE_TERMINATION_LOG: log },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let text = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    return { child, said: () => text, ended: once(child, 'exit') as Promise<[number]> };
  };
  let passed = 0;
  const half = Promise.withResolvers<void>();
  const slow = await proxy(env.AWS_ENDPOINT_URL ?? '', () => (chunk, pass) => {
    passed += chunk.byteLength;
    if (passed < 1_500_000) pass(chunk);
    else half.resolve();
  });
  const first = run(slow);
  await half.promise;
  first.child.kill('SIGTERM');
  expect(await first.ended).toEqual([2, null]);
  expect(await readFile(log, 'utf8')).toMatch(/^interrupted: run again/);
  expect(await readdir(folder)).toEqual(['.dormouse-partial']);

  const endpoint = await cuttingProxy(env.AWS_ENDPOINT_URL ?? '', () => Number.MAX_SAFE_INTEGER);
  const second = run(endpoint);
  expect(await second.ended).toEqual([0, null]);
  expect(second.said()).toMatch(/going on with what an interrupted run has left/);
  expect(big.equals(await readFile(join(folder, 'm.bin')))).toBe(true);

  const third = run(endpoint);
  expect(await third.ended).toEqual([0, null]);
  expect(third.said()).toMatch(/already holds s3:\/\/ours\/big\/model\.bin, .*: nothing to do/);
});
