import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';
import { describe, expect, test } from 'vitest';
import { failureOf, fetchInto, type Options, temporaryFolder } from '../support/fetching.ts';

type TarEntry = Partial<Header> & { readonly name: string; readonly content?: string | Buffer };

async function tar(...entries: readonly TarEntry[]): Promise<Buffer> {
  const archive = pack();
  for (const { content = '', ...header } of entries) archive.entry(header, content);
  archive.finalize();
  return buffer(archive as unknown as AsyncIterable<Buffer>);
}

interface ZipEntry {
  readonly name: string;
  readonly content?: string;
  /** Unix mode with its type. */
  readonly mode?: number;
  readonly encrypted?: boolean;
  readonly crc?: number;
}

/** A zip file as APPNOTE.TXT has it, with whatever names and modes a test wants. */
function zip(...entries: readonly ZipEntry[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content = '', mode = 0, encrypted = false, crc = crc32(content) } of entries) {
    const packed = deflateRawSync(content);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(encrypted ? 1 : 0, 2);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc, 10);
    common.writeUInt32LE(packed.byteLength, 14);
    common.writeUInt32LE(Buffer.byteLength(content), 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE((mode << 16) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), packed]);
    directory.push(
      Buffer.concat([Buffer.from('PK\x01\x02'), Buffer.from([20, 3]), common, tail, Buffer.from(name)]),
    );
    locals.push(local);
    offset += local.byteLength;
  }
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(Buffer.concat(directory).byteLength, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, ...directory, end]);
}

/** Fetches an archive of that name into a fresh folder. */
async function unpacked(name: string, archive: Buffer, options: Options = {}): Promise<string> {
  const root = await temporaryFolder();
  await writeFile(join(root, name), archive);
  const folder = join(root, 'out');
  await mkdir(folder);
  await fetchInto(folder, `file://${join(root, name)}`, options);
  return folder;
}

const files: TarEntry[] = [
  { name: './', type: 'directory' },
  { name: 'model.json', content: '{}', mode: 0o4777 },
  { name: './weights/1/w.bin', content: 'weights', mode: 0o600 },
  { name: `deep/${'x'.repeat(120)}/${'y'.repeat(120)}`, content: 'long name' },
];

describe('an archive is unpacked', () => {
  test.each<[string, () => Promise<Buffer>]>([
    ['model.tar', () => tar(...files)],
    ['model.tar.gz', async () => gzipSync(await tar(...files))],
    ['model.tgz', async () => gzipSync(await tar(...files))],
    [
      'model.zip',
      async () =>
        zip(
          { name: 'weights/', mode: 0o040755 },
          { name: 'model.json', content: '{}', mode: 0o104777 },
          { name: 'weights/1/w.bin', content: 'weights' },
        ),
    ],
  ])('%s', async (name, make) => {
    const folder = await unpacked(name, await make());
    expect(await readFile(join(folder, 'weights/1/w.bin'), 'utf8')).toBe('weights');
    expect((await stat(join(folder, 'model.json'))).mode & 0o7777).toBe(0o755);
    expect((await stat(join(folder, 'weights/1/w.bin'))).mode & 0o7777).toBe(0o644);
    expect(await readdir(folder)).not.toContain(name);
  });

  test('with its empty folders, which a Triton ensemble needs', async () => {
    const archive = await tar(
      { name: 'ensemble/1/', type: 'directory' },
      { name: 'ensemble/config.pbtxt', content: '{}' },
    );
    const folder = await unpacked('model.tar', archive);
    expect((await stat(join(folder, 'ensemble/1'))).isDirectory()).toBe(true);
  });

  test('and one that holds nothing is no model', async () => {
    const folders = await tar({ name: 'ensemble/1/', type: 'directory' });
    await expect(unpacked('model.tar', folders)).rejects.toThrow('all that is there has 0 bytes');
  });

  test('unless it shall stay as it is', async () => {
    const archive = await tar(...files);
    const folder = await unpacked('model.tar', archive, { unpack: false });
    expect(archive.equals(await readFile(join(folder, 'model.tar')))).toBe(true);
  });

  test('up to the declared size, which counts what is unpacked', async () => {
    const folder = await unpacked('model.tar', await tar({ name: 'a', content: 'x'.repeat(1000) }), {
      size: 1000,
    });
    expect((await stat(join(folder, 'a'))).size).toBe(1000);
  });
});

describe('a hostile archive is refused, and nothing of it is seen', () => {
  const link = (type: 'symlink' | 'link', linkname: string): TarEntry => ({ name: 'a', type, linkname });
  const ok: TarEntry = { name: 'fine', content: 'fine' };
  const bomb = 'x'.repeat(3_000_000);
  test.each<[string, string, Buffer | Promise<Buffer>, RegExp, Options?]>([
    ['tar, parent', 'm.tar', tar(ok, { name: '../a', content: 'x' }), /"\.\.\/a" leaves the folder/],
    ['tar, parent inside', 'm.tar', tar(ok, { name: 'a/../../b', content: 'x' }), /leaves the folder/],
    ['tar, absolute', 'm.tar', tar(ok, { name: '/etc/passwd', content: 'x' }), /absolute path/],
    ['tar, marker', 'm.tar', tar(ok, { name: './.dormouse-complete', content: 'x' }), /dormouse uses itself/],
    ['tar, symlink out', 'm.tar', tar(ok, link('symlink', '/etc')), /"a" is a symlink/],
    ['tar, symlink within', 'm.tar', tar(ok, link('symlink', 'fine')), /"a" is a symlink/],
    ['tar, hard link', 'm.tar', tar(ok, link('link', 'fine')), /"a" is a link/],
    [
      'tar, device',
      'm.tar',
      tar(ok, { name: 'a', type: 'character-device', devmajor: 1 }),
      /character-device/,
    ],
    ['tar, block device', 'm.tar', tar({ name: 'a', type: 'block-device' }), /block-device/],
    ['tar, fifo', 'm.tar', tar(ok, { name: 'a', type: 'fifo' }), /"a" is a fifo/],
    ['tar, twice', 'm.tar', tar(ok, ok), /in it twice/],
    ['tar, file as folder', 'm.tar', tar(ok, { name: 'fine/a', content: 'x' }), /a file and a folder/],
    [
      'tar, cut',
      'm.tar',
      tar({ name: 'a', content: 'x'.repeat(5000) }).then((all) => all.subarray(0, 2000)),
      /damaged/,
    ],
    ['tgz, cut', 'm.tgz', tar(ok).then((all) => gzipSync(all).subarray(0, -12)), /damaged/],
    ['tgz that is none', 'm.tgz', Buffer.from('no archive at all'), /damaged/],
    [
      'tgz, bomb',
      'm.tgz',
      tar({ name: 'a', content: bomb }).then((all) => gzipSync(all)),
      /more than the declared/,
      { size: 100_000 },
    ],
    [
      'tgz, bomb of padding',
      'm.tgz',
      gzipSync(Buffer.alloc(3_000_000)),
      /more than the declared/,
      { size: 100_000 },
    ],
    ['zip, parent', 'm.zip', zip({ name: '../a' }), /invalid relative path/],
    ['zip, absolute', 'm.zip', zip({ name: '/a' }), /absolute path/],
    ['zip, backslash', 'm.zip', zip({ name: '..\\a' }), /unsafe/],
    ['zip, symlink', 'm.zip', zip({ name: 'a', content: '/etc', mode: 0o120777 }), /"a" is a symlink/],
    ['zip, device', 'm.zip', zip({ name: 'a', mode: 0o020666 }), /"a" is a device/],
    ['zip, encrypted', 'm.zip', zip({ name: 'a', content: 'x', encrypted: true }), /encrypted/],
    ['zip, wrong checksum', 'm.zip', zip({ name: 'a', content: 'x', crc: 7 }), /checksum of a is wrong/],
    ['zip, twice', 'm.zip', zip({ name: 'a' }, { name: 'a' }), /in it twice/],
    ['zip, bomb', 'm.zip', zip({ name: 'a', content: bomb }), /more than the declared/, { size: 100_000 }],
    ['zip that is none', 'm.zip', Buffer.from('no archive at all'), /damaged/],
  ])('%s', async (_, name, archive, sentence, options) => {
    const root = await temporaryFolder();
    const folder = join(root, 'out');
    await writeFile(join(root, name), await archive);
    const error = await failureOf(fetchInto(folder, `file://${join(root, name)}`, options));
    expect(error).toMatchObject({ retryable: false, message: expect.stringMatching(sentence) });
    expect(await readdir(folder)).toEqual([]);
    expect((await readdir(root)).sort()).toEqual([name, 'out']);
  });
});
