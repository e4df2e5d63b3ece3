import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { lstat, readdir, readlink, realpath } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Pack, pack } from 'tar-stream';
import type { ImageFile } from './libraries.ts';

/** One entry of a tar file. */
export type Entry =
  | { readonly kind: 'directory'; readonly mode: number }
  | { readonly kind: 'symlink'; readonly linkname: string }
  | { readonly kind: 'file'; readonly mode: number; readonly source: string; readonly size: number }
  | { readonly kind: 'data'; readonly data: Buffer };

/** What OCI calls a descriptor: `sha256:<hex>` and the size in bytes. */
export type Descriptor = { readonly digest: string; readonly size: number };

/**
 * The entries of a layer that holds `files` above `base`, sorted by their path without the leading slash, with
 * every parent folder. Modes are 755 or 644, so that the umask of this machine does not matter.
 */
export async function layerEntries(
  base: ReadonlyMap<string, Entry>,
  files: readonly ImageFile[],
  exclude: (path: string) => boolean,
): Promise<Map<string, Entry>> {
  const entries = new Map(base);
  const add = async (source: string, target: string): Promise<void> => {
    if (exclude(`/${target}`)) return;
    const found = await lstat(source);
    if (found.isSymbolicLink()) {
      entries.set(target, { kind: 'symlink', linkname: await readlink(source) });
    } else if (found.isFile()) {
      const mode = found.mode & 0o111 ? 0o755 : 0o644;
      entries.set(target, { kind: 'file', mode, source, size: found.size });
    } else if (found.isDirectory()) {
      if (target !== '' && !entries.has(target)) entries.set(target, { kind: 'directory', mode: 0o755 });
      for (const name of await readdir(source)) await add(join(source, name), posix.join(target, name));
    } else {
      throw new Error(
        `${source} is neither a file, a folder nor a symbolic link: exclude it from the image.`,
      );
    }
  };
  for (const { source, target } of files) {
    await add(await realpath(source), posix.join('/', target).replace(/^\/|\/$/g, ''));
  }
  for (const path of [...entries.keys()]) {
    for (let parent = posix.dirname(path); parent !== '.'; parent = posix.dirname(parent)) {
      if (!entries.has(parent)) entries.set(parent, { kind: 'directory', mode: 0o755 });
    }
  }
  return new Map([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Streams `entries` into a tar file owned by root and dated 1970: the same entries give the same bytes. */
export async function writeTar(path: string, entries: ReadonlyMap<string, Entry>): Promise<Descriptor> {
  const tar = pack();
  const hash = createHash('sha256');
  let size = 0;
  const written = pipeline(
    Readable.from(tar),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        size += chunk.length;
        yield chunk;
      }
    },
    createWriteStream(path),
  );
  const filled = fill(tar, entries).catch((error: Error) => tar.destroy(error));
  await Promise.all([written, filled]);
  return { digest: `sha256:${hash.digest('hex')}`, size };
}

async function fill(tar: Pack, entries: ReadonlyMap<string, Entry>): Promise<void> {
  for (const [name, entry] of entries) {
    const header = { name, uid: 0, gid: 0, mtime: new Date(0) };
    switch (entry.kind) {
      case 'directory':
        tar.entry({ ...header, type: 'directory', mode: entry.mode });
        break;
      case 'symlink':
        tar.entry({ ...header, type: 'symlink', mode: 0o777, linkname: entry.linkname });
        break;
      case 'data':
        tar.entry({ ...header, mode: 0o644 }, entry.data);
        break;
      case 'file': {
        const { source, mode, size } = entry;
        await pipeline(
          createReadStream(source, { highWaterMark: 1 << 20 }),
          tar.entry({ ...header, mode, size }),
        );
      }
    }
  }
  tar.finalize();
}
