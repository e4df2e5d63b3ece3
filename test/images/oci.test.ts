import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { Readable } from 'node:stream';
import { extract, type Header } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sharedLibraries } from '#release/package/libraries.ts';
import { type Image, writeImage } from './oci.ts';

type Entry = { readonly header: Header; readonly data: Buffer };

const longPath = `${'folder-with-a-long-name/'.repeat(12)}file`;

let folder: string;
let image: Image;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dormouse-oci-'));
  const app = join(folder, 'app');
  await mkdir(join(app, longPath, '..'), { recursive: true });
  await writeFile(join(app, longPath), 'deep');
  await writeFile(join(app, 'run'), '#!/bin/true');
  await chmod(join(app, 'run'), 0o700);
  await symlink('run', join(app, 'link'));
  await writeFile(join(app, 'secret'), 'not for the image');
  image = {
    name: 'dev.local/app:1',
    files: [{ source: app, target: '/opt/app' }],
    entrypoint: ['/opt/app/run'],
    env: { COLOUR: 'brown' },
    exclude: (path) => path.endsWith('/secret'),
  };
});

afterAll(() => rm(folder, { recursive: true }));

describe('an image archive', () => {
  test('names every blob by its own digest and size', async () => {
    const { archive, manifest, config, layerDigest } = await writeAndRead('blobs.tar');
    for (const [name, { data }] of archive) {
      if (name.startsWith('blobs/sha256/'))
        expect(sha256(data)).toBe(`sha256:${name.slice('blobs/sha256/'.length)}`);
    }
    expect(manifest.layers).toEqual([
      { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: layerDigest, size: expect.any(Number) },
    ]);
    expect(config.rootfs.diff_ids).toEqual([layerDigest]);
  });

  test('carries its name for containerd, and for kind and Docker', async () => {
    const { archive, written } = await writeAndRead('name.tar');
    expect(parse(archive, 'index.json').manifests[0]).toMatchObject({
      digest: written.digest,
      annotations: {
        'io.containerd.image.name': 'dev.local/app:1',
        'org.opencontainers.image.ref.name': '1',
      },
    });
    expect(parse(archive, 'manifest.json')[0].RepoTags).toEqual(['dev.local/app:1']);
  });

  test('runs as a user without rights unless it says otherwise', async () => {
    const { config } = await writeAndRead('user.tar');
    expect(config.config).toMatchObject({
      User: '65532:65532',
      Entrypoint: ['/opt/app/run'],
      WorkingDir: '/',
    });
    expect(config.config.Env).toContain('COLOUR=brown');
  });

  test('holds what the folder holds, whatever the umask, and a place to write', async () => {
    const { layer } = await writeAndRead('content.tar');
    expect(layer.get(`opt/app/${longPath}`)?.data.toString()).toBe('deep');
    expect(layer.get('opt/app/link')?.header).toMatchObject({ type: 'symlink', linkname: 'run' });
    expect(layer.get('opt/app/run')?.header).toMatchObject({
      mode: 0o755,
      uid: 0,
      gid: 0,
      mtime: new Date(0),
    });
    expect(layer.get('tmp')?.header).toMatchObject({ type: 'directory', mode: 0o1777 });
    expect([...layer.keys()].filter((path) => path.includes('secret') || path.includes('.wh.'))).toEqual([]);
  });

  test('puts every folder before what is in it', async () => {
    const { layer } = await writeAndRead('order.tar');
    const paths = [...layer.keys()];
    for (const [place, path] of paths.entries()) {
      const parent = posix.dirname(path);
      if (parent !== '.') expect(paths.slice(0, place)).toContain(parent);
    }
  });

  test('has the same bytes when only dates differ', async () => {
    const { written } = await writeAndRead('first.tar');
    await utimes(join(folder, 'app/run'), 1, 1);
    expect((await writeAndRead('second.tar')).written).toEqual(written);
    const [first, second] = await Promise.all(
      ['first.tar', 'second.tar'].map((name) => readFile(join(folder, name))),
    );
    expect(sha256(second as Buffer)).toBe(sha256(first as Buffer));
  });

  test('is not touched when a source is missing', async () => {
    const before = (await writeAndRead('kept.tar')).written.digest;
    const broken = { ...image, files: [{ source: join(folder, 'missing'), target: '/missing' }] };
    await expect(writeImage(join(folder, 'kept.tar'), broken)).rejects.toThrow('missing');
    expect(parse(await readTar(join(folder, 'kept.tar')), 'index.json').manifests[0].digest).toBe(before);
    expect((await readdir(folder)).filter((name) => name.startsWith('kept.tar.'))).toEqual([]);
  });
});

test('the shared libraries of an executable are its loader and libc at paths that the loader searches', async () => {
  const targets = (await sharedLibraries('/bin/sh')).map(({ target }) => target);
  expect(targets.some((target) => /\/libc\.so\.\d+$/.test(target))).toBe(true);
  expect(targets.some((target) => /\/ld-linux[^/]*$/.test(target))).toBe(true);
});

test('an executable that is not dynamic needs no shared libraries', async () => {
  expect(await sharedLibraries(join(folder, 'app/run'))).toEqual([]);
});

async function writeAndRead(name: string) {
  const written = await writeImage(join(folder, name), image);
  const archive = await readTar(join(folder, name));
  const manifest = parse(archive, blob(written.digest));
  const layerDigest: string = manifest.layers[0].digest;
  const layer = await readTar(Readable.from([archive.get(blob(layerDigest))?.data]));
  return {
    written,
    archive,
    manifest,
    config: parse(archive, blob(manifest.config.digest)),
    layerDigest,
    layer,
  };
}

async function readTar(source: string | Readable): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>();
  const tar = typeof source === 'string' ? createReadStream(source) : source;
  for await (const entry of tar.pipe(extract())) {
    entries.set(entry.header.name, {
      header: entry.header,
      data: Buffer.concat(await Readable.from(entry).toArray()),
    });
  }
  return entries;
}

function parse(archive: ReadonlyMap<string, Entry>, name: string) {
  return JSON.parse(String(archive.get(name)?.data));
}

function blob(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`;
}

function sha256(data: Buffer): string {
  return `sha256:${createHash('sha256').update(data).digest('hex')}`;
}
