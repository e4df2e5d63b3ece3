import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip, createZstdCompress } from 'node:zlib';
import { type Header, pack } from 'tar-stream';
import { expect, test } from 'vitest';
import { failureOf, fetchInto, temporaryFolder } from '../support/fetching.ts';
import { guard, startRegistry } from '../support/registry.ts';

const weights = randomBytes(3_000_000);
const parts = { partSize: 300_000, concurrency: 3 };

/** Writes a tar of some files, and of other entries. */
async function writeTar(
  path: string,
  files: Readonly<Record<string, string | Buffer>>,
  others: readonly Partial<Header>[] = [],
): Promise<string> {
  const tar = pack();
  for (const header of others) tar.entry({ name: '', ...header });
  for (const [name, content] of Object.entries(files)) tar.entry({ name }, content);
  tar.finalize();
  const file = createWriteStream(path);
  if (path.endsWith('.gz')) await pipeline(tar, createGzip(), file);
  else if (path.endsWith('.zst')) await pipeline(tar, createZstdCompress(), file);
  else await pipeline(tar, file);
  return path;
}

async function filesIn(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of (await readdir(folder, { recursive: true })).sort()) {
    const file = join(folder, name);
    if (name !== '.dormouse-complete' && (await stat(file)).isFile())
      found[name] = weights.equals(await readFile(file)) ? 'weights' : await readFile(file, 'utf8');
  }
  return found;
}

test('an image whose layers replace and delete what those below have is its files, or those of a folder of it', async () => {
  const root = await temporaryFolder();
  const { host, crane } = await startRegistry(root);
  const base = await writeTar(
    join(root, 'base.tar'),
    {
      'models/a.bin': 'old',
      'models/old/b': 'b',
      'models/gone': 'gone',
      'models/kept': 'kept',
      'etc/passwd': 'root',
    },
    [{ name: 'bin', type: 'symlink', linkname: 'usr/bin' }],
  );
  const gz = await writeTar(join(root, 'middle.tar.gz'), {
    'models/model.bin': weights,
    'models/a.bin': 'new',
  });
  const top = await writeTar(join(root, 'top.tar.gz'), {
    'models/.wh.gone': '',
    'models/old/c': 'c',
    'models/old/.wh..wh..opq': '',
  });
  const image = `${host}/m:v1`;
  await crane('append', '--oci-empty-base', '-f', `${base},${gz},${top}`, '-t', image);
  const want = { 'a.bin': 'new', kept: 'kept', 'model.bin': 'weights', 'old/c': 'c' };
  const digest = (await crane('digest', image)).trim();
  for (const reference of ['m:v1', `m@${digest}`, `m:v1@${digest}`]) {
    const folder = await temporaryFolder();
    const { marker } = await fetchInto(folder, `oci://${host}/${reference}#models`, parts);
    expect(await filesIn(folder)).toEqual(want);
    expect(marker).toMatchObject({ files: 4, revision: digest });
  }
  const one = await temporaryFolder();
  await fetchInto(one, `oci://${host}/m:v1#/models/model.bin`, parts);
  expect(await filesIn(one)).toEqual({ 'model.bin': 'weights' });
  const some = await temporaryFolder();
  await fetchInto(some, `oci://${host}/m:v1#models/`, { ...parts, exclude: ['*.bin'] });
  expect(await filesIn(some)).toEqual({ kept: 'kept', 'old/c': 'c' });
  const error = await failureOf(fetchInto(await temporaryFolder(), `oci://${host}/m:v1`, parts));
  expect(error.message).toMatch(
    /"bin" is a symlink, .*: pack the model without it, or name the folder .* behind a #\.$/,
  );
  for (const [path, sentence] of [['none', /0 bytes/]] as const)
    expect(
      (await failureOf(fetchInto(await temporaryFolder(), `oci://${host}/m:v1#${path}`, parts))).message,
    ).toMatch(sentence);
});

test('an artifact is its files, by parts, with tokens that are granted anew', async () => {
  const root = await temporaryFolder();
  const { host, pushFiles } = await startRegistry(root);
  const archive = await readFile(await writeTar(join(root, 'a.tar.zst'), { 'a.txt': 'a' }));
  await pushFiles('m', 'v1', {
    'model.bin': weights,
    'meta/config.json': Buffer.from('{}'),
    'a.tar.zst': archive,
  });
  let count = 0;
  const gate = await guard(host, 'user:secret', ({ url = '' }) => {
    if (url.includes('/blobs/') && ++count % 6 === 0) gate.renew();
  });
  const auth = Buffer.from('user:secret').toString('base64');
  const env = { DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { [gate.host]: { auth } } }) };
  const folder = await temporaryFolder();
  await fetchInto(folder, `oci://${gate.host}/m:v1`, { ...parts, env, exclude: ['*.zst'] });
  expect(await filesIn(folder)).toEqual({ 'meta/config.json': '{}', 'model.bin': 'weights' });
  const told = gate.requests
    .filter(([url]) => !url.startsWith('/token'))
    .map(([, authorization]) => authorization);
  expect(told.some((text) => text?.startsWith('Basic'))).toBe(false);
  const unpacked = await temporaryFolder();
  await fetchInto(unpacked, `oci://${gate.host}/m:v1#a.tar.zst`, {
    ...parts,
    env: { '.dockerconfigjson': env.DOCKER_AUTH_CONFIG },
  });
  expect(await filesIn(unpacked)).toEqual({ 'a.txt': 'a' });

  const failure = async (uri: string, options = {}) =>
    (await failureOf(fetchInto(await temporaryFolder(), uri, { ...parts, env, ...options }))).message;
  expect(await failure(`oci://${gate.host}/m:v1`, { env: { DOCKER_CONFIG: root } })).toMatch(
    /access is denied \(401\): check the URI, and log in with docker login/,
  );
  expect(await failure(`oci://${gate.host}/m:v1`, { env: { DOCKER_AUTH_CONFIG: 'secret' } })).toMatch(
    /^DOCKER_AUTH_CONFIG is not what Docker writes(?!.*secret)/,
  );
  expect(await failure(`oci://${gate.host}/m:v2`)).toMatch(
    /there is nothing \(404 MANIFEST_UNKNOWN: .*\): check the URI\.$/,
  );
  expect(await failure(`oci://${gate.host}/m:v1#none`)).toMatch(
    /no none in it, but model\.bin, .* behind the #/,
  );
});
