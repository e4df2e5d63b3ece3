import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { refused } from './errors.ts';

/** @returns the hex of a digest `sha256:...`. @throws FetchError for anything else */
export function parseDigest(text: string): string {
  const hex = /^sha256:([0-9a-f]{64})$/i.exec(text)?.[1];
  if (!hex) throw refused(`the digest "${text}" is not sha256: and 64 hexadecimal digits: correct it.`);
  return hex.toLowerCase();
}

/** The SHA-256 of a file, in hex. */
export async function sha256(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024, signal }))
    hash.update(chunk);
  return hash.digest('hex');
}

/** @throws FetchError with both digests when they differ */
export async function verifyDigest(
  path: string,
  wanted: string,
  where: string,
  signal: AbortSignal,
): Promise<void> {
  const found = await sha256(path, signal);
  if (found !== wanted) {
    throw refused(
      `${where}: its digest is sha256:${found}, not the declared sha256:${wanted}: correct the digest, or the file.`,
    );
  }
}
