import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { permanent } from './errors.ts';

/** @returns the hex of a digest `sha256:...`. @throws FetchError for anything else */
export function parseDigest(text: string): string {
  const hex = /^sha256:([0-9a-f]{64})$/i.exec(text)?.[1];
  if (!hex) throw permanent(`the digest "${text}" is not sha256: and 64 hexadecimal digits: correct it.`);
  return hex.toLowerCase();
}

/** The SHA-256 of a file, in hex. */
export async function sha256(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  // The same memory again and again: a read stream takes new memory for each piece.
  const buffer = Buffer.allocUnsafeSlow(1024 * 1024);
  const file = await open(path);
  try {
    for (;;) {
      signal.throwIfAborted();
      const { bytesRead } = await file.read(buffer, 0, buffer.byteLength);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
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
    throw permanent(`${where}: its digest is sha256:${found}, not the declared sha256:${wanted}`, {
      advice: { Prompt: 'correct --digest, or the file', Pod: 'correct spec.model.digest, or the file' },
    });
  }
}
