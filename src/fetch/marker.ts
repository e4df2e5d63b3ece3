import { lstat, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
// Not { z }: that brings all of zod into the bundle, its languages too.
import * as z from 'zod';
import { isEntryName } from './paths.ts';

const marker = z.object({
  /** Without what may be secret. */
  uri: z.string(),
  /** Of all that decides what the folder holds: the whole URI, the digest, whether an archive is unpacked, the name of a single file. */
  key: z.string(),
  /** The commit that the files are of, where the source has such. */
  revision: z.string().optional(),
  /** What was downloaded. */
  sources: z.array(
    z.object({
      path: z.string(),
      size: z.number(),
      etag: z.string().optional(),
      sha256: z.string().optional(),
    }),
  ),
  /** What the folder holds: bytes and number of all files, and names at its top. */
  bytes: z.number(),
  files: z.number(),
  entries: z.array(z.string().refine(isEntryName)),
  /** When it was complete. */
  time: z.iso.datetime(),
});

/** The text of the marker file: it says that all of a model is there, and what that is. */
export type Marker = z.infer<typeof marker>;

/** The marker in a file, or undefined where there is none that can be read. */
export async function readMarker(path: string): Promise<Marker | undefined> {
  try {
    // It may come with a folder of another user: a link would lead out of that, and a pipe would never end.
    if (!(await lstat(path)).isFile()) return undefined;
    return marker.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Writes a file whole or not at all, also where the machine stops in the middle. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const file = await open(`${path}.new`, 'w', 0o644);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  await syncFolder(dirname(path));
}

/** Has the disk keep the names in a folder: a rename is durable only after this (fsync(2)). */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
