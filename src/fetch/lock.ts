import { accessSync, constants, lstatSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sleep } from '#base/clock.ts';
import { permanent } from './errors.ts';
import { lockName } from './paths.ts';
import type { Context } from './retry.ts';

const pollMs = 200;
/** SQLITE_BUSY, see https://sqlite.org/rescode.html. */
const busy = 5;

/**
 * Takes the lock of a folder, waiting while another process has it.
 *
 * Node.js has no flock. An open transaction of SQLite is one: the kernel holds a lock on the file (fcntl(2)), for all
 * containers that have the volume and whatever processes they see, and frees it with the process, however that ends.
 * Nothing is ever written to the file.
 * @throws FetchError when the folder cannot be locked; what the system said when it cannot be written
 */
export async function lockFolder(
  folder: string,
  { clock, signal, log }: Pick<Context, 'clock' | 'signal' | 'log'>,
): Promise<Disposable> {
  // SQLite would not say why, and is content with reading.
  accessSync(folder, constants.W_OK);
  for (let isLogged = false; ; isLogged = true) {
    const lock = tryLock(join(folder, lockName));
    if (lock) return lock;
    if (!isLogged) log(`${folder}: another fetch into it is going on: waiting for its end`);
    await sleep(clock, pollMs, signal);
    signal.throwIfAborted();
  }
}

function tryLock(path: string): Disposable | undefined {
  for (;;) {
    // It may come with a folder of another user, and lead out of it.
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink())
      throw permanent(`${path} is a symbolic link: remove it.`);
    const before = statSync(path, { throwIfNoEntry: false });
    const file = new DatabaseSync(path, { open: false });
    try {
      file.open();
      accessSync(path, constants.W_OK);
      // A journal on disk would be a second file.
      file.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    } catch (error) {
      file[Symbol.dispose]();
      const { errcode, code, message } = error as NodeJS.ErrnoException & { readonly errcode?: number };
      if (errcode === busy || code === 'ENOENT') return undefined;
      if (errcode === undefined) throw error;
      throw permanent(`${path}: it cannot be locked (${message}): remove it, or give another folder.`, {
        cause: error,
      });
    }
    // A process that is done removes the file: the one that was opened may be gone, and a new one has its name.
    if (before && before.ino === statSync(path, { throwIfNoEntry: false })?.ino) {
      return {
        [Symbol.dispose]() {
          rmSync(path, { force: true });
          file.close();
        },
      };
    }
    file.close();
  }
}
