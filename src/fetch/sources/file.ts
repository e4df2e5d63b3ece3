import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import type { FileUri } from '#sources/file.ts';
import { ChangedError, permanent } from '../errors.ts';
import type { RemoteFile, Source } from '../source.ts';

/** A file or a folder of this machine. Links to files are followed, links to folders are refused. */
export function openSource({ path }: FileUri): Source {
  return {
    async list() {
      const root = await stat(path);
      if (!root.isDirectory()) return { files: [await describe(path, basename(path))] };
      const files: RemoteFile[] = [];
      for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
        if (entry.isDirectory()) continue;
        const file = join(entry.parentPath, entry.name);
        files.push(await describe(file, relative(path, file)));
      }
      if (files.length === 0) throw permanent(`${path}: the folder is empty: check the URI.`);
      return { files };
    },

    async open(file, range) {
      const now = await describe(file.id, file.path);
      if (now.etag !== file.etag) throw new ChangedError(file.where);
      // The end of a read stream is inclusive.
      const part = range && { start: range.start, end: range.end - 1 };
      return createReadStream(file.id, { ...part, highWaterMark: 1024 * 1024 });
    },

    close() {},
  };
}

async function describe(path: string, name: string): Promise<RemoteFile> {
  const found = await stat(path, { bigint: true });
  if (found.isDirectory()) throw permanent(`${path}: it is a link to a folder: name that folder itself.`);
  if (!found.isFile())
    throw permanent(`${path}: it is neither a file nor a folder: remove it from the model.`);
  const etag = `${found.dev}-${found.ino}-${found.size}-${found.mtimeNs}`;
  return { id: path, path: name, where: path, size: Number(found.size), etag, ranges: true };
}
