import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, inject, test } from 'vitest';
import { temporaryFolder } from '../support/fetching.ts';

const env = inject('s3');
const kills = 20;
const files: Readonly<Record<string, Buffer>> = {
  'model.bin': randomBytes(24_000_000),
  'meta/tokenizer.json': randomBytes(1000),
  'meta/config.json': randomBytes(100_000),
};

/** Puts the files under a prefix of a bucket. */
async function upload(): Promise<void> {
  const client = new S3Client({
    endpoint: env.AWS_ENDPOINT_URL ?? '',
    region: env.AWS_REGION ?? '',
    forcePathStyle: true,
    credentials: {
      accessKeyId: env.AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? '',
    },
  });
  await client.send(new CreateBucketCommand({ Bucket: 'killed' }));
  for (const [name, Body] of Object.entries(files))
    await client.send(new PutObjectCommand({ Bucket: 'killed', Key: `v1/${name}`, Body }));
  client.destroy();
}

/** Starts `dormouse fetch`. */
function start(folder: string) {
  const main = join(import.meta.dirname, '../../src/main.ts');
  const args = [main, 'fetch', 's3://killed/v1', folder, '--part-size', '64Ki', '--concurrency', '2'];
  const child = spawn(process.execPath, args, { env: { PATH: process.env.PATH, ...env }, stdio: 'ignore' });
  return { child, ended: once(child, 'exit') as Promise<[number | null]> };
}

/** Whether the folder says that it is complete; then every byte of it must be there. */
async function isComplete(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch((): string[] => []);
  if (!names.includes('.dormouse-complete')) return false;
  for (const [name, content] of Object.entries(files))
    expect([name, content.equals(await readFile(join(folder, name)))]).toEqual([name, true]);
  return true;
}

test('killed at any moment, a fetch leaves no half model that is called complete, and no lock for the next', async () => {
  await upload();
  const whole = await temporaryFolder();
  const began = performance.now();
  await start(whole).ended;
  const fullMs = performance.now() - began;
  expect(await isComplete(whole)).toBe(true);

  let folder = await temporaryFolder();
  for (let kill = 0; kill < kills; kill++) {
    const { child, ended } = start(folder);
    await sleep(fullMs * (0.2 + 0.9 * Math.random()));
    child.kill('SIGKILL');
    await ended;
    // A folder that is complete has nothing left to interrupt.
    if (await isComplete(folder)) folder = await temporaryFolder();
  }
  expect(await start(folder).ended).toEqual([0, null]);
  expect(await isComplete(folder)).toBe(true);
  expect((await readdir(folder)).sort()).toEqual(['.dormouse-complete', 'meta', 'model.bin']);
});
