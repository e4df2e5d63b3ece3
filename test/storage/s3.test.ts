import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  CreateBucketCommand,
  DeletePublicAccessBlockCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, inject, onTestFinished, test, vi } from 'vitest';
import { systemClock } from '#base/clock.ts';
import { failureOf, fetchInto, type Options, temporaryFolder } from '../support/fetching.ts';

const env = inject('s3');
const client = new S3Client({
  endpoint: env.AWS_ENDPOINT_URL ?? '',
  region: env.AWS_REGION ?? '',
  forcePathStyle: true,
  credentials: { accessKeyId: env.AWS_ACCESS_KEY_ID ?? '', secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? '' },
});
const big = randomBytes(3_000_000);
const small: Options = { partSize: 256 * 1024, concurrency: 4, env };

const put = (Key: string, Body: Buffer | string, Bucket = 'models') =>
  client.send(new PutObjectCommand({ Bucket, Key, Body }));

beforeAll(async () => {
  for (const Bucket of ['models', 'public']) await client.send(new CreateBucketCommand({ Bucket }));
  await put('big/model.bin', big);
  await put('iris/v3/model.joblib', 'joblib');
  await put('iris/v3/meta/a b+c%20ü.json', '{}');
  await put('iris/v3-old/model.joblib', 'old');
  await put('churn/v3/churn.joblib', 'churn');
  await put('public.bin', big, 'public');
});
afterAll(() => client.destroy());
afterEach(() => vi.unstubAllEnvs());

/** The SDK looks for credentials in the environment of the process. */
function fetchS3(folder: string, uri: string, options: Options): ReturnType<typeof fetchInto> {
  for (const name of Object.keys(env)) vi.stubEnv(name, options.env?.[name]);
  return fetchInto(folder, uri, options);
}

/** What becomes of a part of an answer on its way. */
type Passage = (chunk: Buffer, pass: (part: Buffer, done?: () => void) => void, end: () => void) => void;

/** A way to the server, until the test ends; each connection has a passage of its own for its answers. */
async function proxy(passage: () => Passage): Promise<string> {
  const target = new URL(env.AWS_ENDPOINT_URL ?? '');
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    const onPart = passage();
    const end = (): void => {
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) socket.on('error', end).on('close', end);
    near.pipe(far);
    far.on('data', (chunk: Buffer) => onPart(chunk, (part, done) => void near.write(part, done), end));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A way to the server that passes on so many bytes of each connection's answers, then cuts it. */
function cuttingProxy(bytes: (connection: number) => number): Promise<string> {
  let count = 0;
  return proxy(() => {
    let left = bytes(++count);
    return (chunk, pass, end) => {
      const passed = chunk.subarray(0, left);
      left -= passed.byteLength;
      pass(passed, () => left <= 0 && end());
    };
  });
}

describe('from a real S3 server', () => {
  test('an object comes in parts', async () => {
    const folder = await temporaryFolder();
    const { marker } = await fetchS3(folder, 's3://models/big/model.bin', small);
    expect(big.equals(await readFile(join(folder, 'model.bin')))).toBe(true);
    expect(marker).toMatchObject({ uri: 's3://models/big/model.bin', bytes: big.byteLength, files: 1 });
    expect(marker.sources[0]?.etag).toMatch(/^"\w+"$/);
  });

  test('a list of several pages, each of which may take as long as a silence lasts', async () => {
    const keys = Array.from({ length: 1203 }, (_, index) => `many/${index}.txt`);
    while (keys.length > 0) await Promise.all(keys.splice(0, 50).map((key) => put(key, key)));
    const folder = await temporaryFolder();
    const slow = await proxy(() => (chunk, pass) => void setTimeout(() => pass(chunk), 400));
    const options = {
      ...small,
      concurrency: 64,
      env: { ...env, AWS_ENDPOINT_URL: slow },
      clock: systemClock,
      stallMs: 1500,
    };
    const { marker } = await fetchS3(folder, 's3://models/many', options);
    expect(marker.files).toBe(1203);
    expect(await readFile(join(folder, '1202.txt'), 'utf8')).toBe('many/1202.txt');
  });

  test('an object with a Content-Encoding is the file behind it, alone; in a folder it is refused', async () => {
    const Body = gzipSync(big);
    await client.send(
      new PutObjectCommand({ Bucket: 'models', Key: 'coded/model.bin', Body, ContentEncoding: 'gzip' }),
    );
    const folder = await temporaryFolder();
    await fetchS3(folder, 's3://models/coded/model.bin', small);
    expect(big.equals(await readFile(join(folder, 'model.bin')))).toBe(true);
    const error = await failureOf(fetchS3(await temporaryFolder(), 's3://models/coded', small));
    expect(error.message).toMatch(/it comes with "Content-Encoding: gzip": store it without\.$/);
  });

  test('an object of 0 bytes is no model', async () => {
    await put('empty/model.joblib', '');
    const error = await failureOf(fetchS3(await temporaryFolder(), 's3://models/empty', small));
    expect(error.message).toBe(
      's3://models/empty: all that is there has 0 bytes: check the URI, or upload the model anew.',
    );
  });

  test.each(['s3://models/iris/v3', 's3://models/iris/v3/'])('all below a prefix: %s', async (uri) => {
    const folder = await temporaryFolder();
    await fetchS3(folder, uri, small);
    expect((await readdir(folder, { recursive: true })).sort()).toEqual([
      '.dormouse-complete',
      'meta',
      'meta/a b+c%20ü.json',
      'model.joblib',
    ]);
    expect(await readFile(join(folder, 'model.joblib'), 'utf8')).toBe('joblib');
  });

  test.each([
    ['s3://models/churn/v3/churn.joblib', ['model.joblib']],
    ['s3://models/churn/v3', ['model.joblib']],
    ['s3://models/iris/v3', ['meta', 'model.joblib']],
    ['s3://models/churn', ['v3']],
  ])('one object gets the name that is asked for: %s', async (uri, names) => {
    const folder = await temporaryFolder();
    await fetchS3(folder, uri, { ...small, as: 'model.*' });
    expect((await readdir(folder)).sort()).toEqual(['.dormouse-complete', ...names]);
  });

  test('what anybody may read needs no credentials', async () => {
    await client.send(new DeletePublicAccessBlockCommand({ Bucket: 'public' })).catch(() => {});
    const Statement = [
      { Effect: 'Allow', Principal: '*', Action: ['s3:GetObject'], Resource: ['arn:aws:s3:::public/*'] },
    ];
    await client.send(
      new PutBucketPolicyCommand({
        Bucket: 'public',
        Policy: JSON.stringify({ Version: '2012-10-17', Statement }),
      }),
    );
    const folder = await temporaryFolder();
    const { AWS_ACCESS_KEY_ID: _, AWS_SECRET_ACCESS_KEY: __, ...none } = env;
    await fetchS3(folder, 's3://public/public.bin', { ...small, env: none, flags: { anonymous: true } });
    expect(big.equals(await readFile(join(folder, 'public.bin')))).toBe(true);
  });

  test('cut again and again, the bytes are the same', async () => {
    const endpoint = await cuttingProxy((connection) => 50_000 + ((connection * 77_777) % 400_000));
    const lines: string[] = [];
    const folder = await temporaryFolder();
    await fetchS3(folder, 's3://models/big/model.bin', {
      ...small,
      env: { ...env, AWS_ENDPOINT_URL: endpoint },
      lines,
    });
    expect(big.equals(await readFile(join(folder, 'model.bin')))).toBe(true);
    expect(lines.join()).toMatch(/trying again/);
  });

  test('an object that is replaced meanwhile is begun anew', async () => {
    const next = randomBytes(3_000_000);
    await put('changing.bin', big);
    let replaced: Promise<unknown> | undefined;
    const endpoint = await cuttingProxy((connection) => {
      if (connection === 5) replaced ??= put('changing.bin', next);
      return 300_000;
    });
    const folder = await temporaryFolder();
    const lines: string[] = [];
    const options = { ...small, concurrency: 1, env: { ...env, AWS_ENDPOINT_URL: endpoint }, lines };
    await fetchS3(folder, 's3://models/changing.bin', options);
    await replaced;
    expect(next.equals(await readFile(join(folder, 'changing.bin')))).toBe(true);
    expect(lines.join('\n')).toMatch(/changed while it was downloaded: beginning anew/);
  });
});

describe('failures are one sentence', () => {
  test.each<[string, string, Options, RegExp]>([
    [
      'no such object',
      's3://models/none',
      {},
      /no such object, and none below s3:\/\/models\/none\/: check the URI/,
    ],
    ['an empty prefix', 's3://models/none/', {}, /none below/],
    ['no such bucket', 's3://absent/none', {}, /nothing \(404 NoSuchBucket: .*: check the URI\.$/],
    [
      'a wrong secret',
      's3://models/big/model.bin',
      { env: { ...env, AWS_SECRET_ACCESS_KEY: 'x' } },
      /access is denied \(403 SignatureDoesNotMatch: .*check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY\.$/,
    ],
    ['no rights', 's3://models/big/model.bin', { flags: { anonymous: true } }, /access is denied \(403/],
    [
      'too big',
      's3://models/big/model.bin',
      { size: 2_000_000 },
      /its 3000000 bytes \(2\.9 MiB\) are more than the declared/,
    ],
    ['a digest of many', 's3://models/iris/v3', { digest: `sha256:${'0'.repeat(64)}` }, /these are 2 files/],
  ])('%s', async (_, uri, options, sentence) => {
    const error = await failureOf(fetchS3(await temporaryFolder(), uri, { ...small, ...options }));
    expect(error).toMatchObject({ retryable: false, message: expect.stringMatching(sentence) });
  });
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
      's3://models/big/model.bin',
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
  const slow = await proxy(() => (chunk, pass) => {
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

  const endpoint = await cuttingProxy(() => Number.MAX_SAFE_INTEGER);
  const second = run(endpoint);
  expect(await second.ended).toEqual([0, null]);
  expect(second.said()).toMatch(/going on with what an interrupted run has left/);
  expect(big.equals(await readFile(join(folder, 'm.bin')))).toBe(true);

  const third = run(endpoint);
  expect(await third.ended).toEqual([0, null]);
  expect(third.said()).toMatch(/already holds s3:\/\/models\/big\/model\.bin, .*: nothing to do/);
});
