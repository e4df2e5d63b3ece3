import { Worker } from 'node:worker_threads';
import { FetchError, permanent } from './errors.ts';

/** What names the content of a file, whoever sends it. */
export interface Digest {
  /** `git` is that of a blob, which begins with its size (https://git-scm.com/book/en/v2/Git-Internals-Git-Objects). */
  readonly algorithm: 'sha256' | 'git';
  /** In hex. */
  readonly value: string;
  /** Whether the user declares it, and not the server that lists the file. */
  readonly isDeclared?: boolean;
}

/** @returns the hex of a digest `sha256:...`. @throws FetchError for anything else */
export function parseDigest(text: string): string {
  const hex = /^sha256:([0-9a-f]{64})$/i.exec(text)?.[1];
  if (!hex) throw permanent(`the digest "${text}" is not sha256: and 64 hexadecimal digits: correct it.`);
  return hex.toLowerCase();
}

/** A file that came has another content than its digest says. Not a byte of it is kept. */
export class WrongContentError extends FetchError {
  constructor(where: string, { algorithm, value, isDeclared }: Digest, found: string) {
    const name = algorithm === 'git' ? 'sha1' : algorithm;
    super(
      `${where}: its digest is ${name}:${found}, not the ${isDeclared ? 'declared' : 'published'} ${name}:${value}`,
      {
        retryable: false,
        advice: isDeclared
          ? { Prompt: 'correct --digest, or the file', Pod: 'correct spec.model.digest, or the file' }
          : 'it was changed on its way, or is damaged on the server: fetch it again, or upload it anew',
      },
    );
  }
}

/**
 * Hashes the files that it is told of, further and further, by their descriptors, which all threads of a process share.
 * It is text, since a bundle has no file of it that could be named.
 */
const program = `
const { createHash } = require('node:crypto');
const { readSync } = require('node:fs');
const { parentPort } = require('node:worker_threads');
const files = new Map();
const buffer = Buffer.allocUnsafeSlow(1024 * 1024);
parentPort.on('message', ({ id, fd, algorithm, size, end }) => {
  if (!files.has(id)) {
    const hash = createHash(algorithm === 'git' ? 'sha1' : algorithm);
    if (algorithm === 'git') hash.update('blob ' + size + '\\0');
    files.set(id, { hash, at: 0 });
  }
  const file = files.get(id);
  while (file.at < end) {
    const count = readSync(fd, buffer, 0, Math.min(buffer.byteLength, end - file.at), file.at);
    if (count === 0) break;
    file.hash.update(buffer.subarray(0, count));
    file.at += count;
  }
  if (end < size) return;
  files.delete(id);
  parentPort.postMessage({ id, value: file.hash.digest('hex') });
});
`;

/** Hashes files in a thread of its own while they arrive: one file after the other, each as far as it has come. */
export class Hasher {
  #worker: Worker | undefined;
  #count = 0;
  readonly #waiting = new Map<number, PromiseWithResolvers<string>>();

  /** Begins a file of `size` bytes. */
  begin(fd: number, size: number, { algorithm }: Digest): FileHash {
    const id = this.#count++;
    const worker = this.#started();
    const advance = (end: number): void => worker.postMessage({ id, fd, algorithm, size, end });
    return {
      advance,
      end: () => {
        const result = Promise.withResolvers<string>();
        this.#waiting.set(id, result);
        advance(size);
        return result.promise;
      },
    };
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #started(): Worker {
    if (this.#worker) return this.#worker;
    const worker = new Worker(program, { eval: true });
    worker.on('message', ({ id, value }: { readonly id: number; readonly value: string }) => {
      this.#waiting.get(id)?.resolve(value);
      this.#waiting.delete(id);
    });
    worker.on('error', (error) => {
      for (const { reject } of this.#waiting.values()) reject(error);
    });
    this.#worker = worker;
    return worker;
  }
}

export interface FileHash {
  /** Says that the file is there up to `end`. */
  readonly advance: (end: number) => void;
  /** Says that all of it is there, and gives the digest in hex. */
  readonly end: () => Promise<string>;
}
