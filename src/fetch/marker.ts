import { readFile, rename, writeFile } from 'node:fs/promises';
// Not { z }: that brings all of zod into the bundle, its languages too.
import * as z from 'zod';

const marker = z.object({
  /** Without what may be secret. */
  uri: z.string(),
  /** Of all that decides what the folder holds: the whole URI, the digest, whether an archive is unpacked, the name of a single file. */
  key: z.string(),
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
  entries: z.array(z.string()),
  /** When it was complete. */
  time: z.iso.datetime(),
  /** The start of the machine under which it was written; its disk may not hold all of it after another one. */
  boot: z.string(),
});

/** The text of the marker file: it says that all of a model is there, and what that is. */
export type Marker = z.infer<typeof marker>;

/** The marker in a file, or undefined where there is none that can be read. */
export async function readMarker(path: string): Promise<Marker | undefined> {
  try {
    return marker.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Writes a file whole or not at all. */
export async function replaceFile(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}

/** Changes with each start of the machine; empty where it does not say. */
export async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')).trim();
}
