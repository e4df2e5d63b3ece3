import { accessSync, constants, existsSync, lstatSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sleep } from '#base/clock.ts';
import { permanent } from './errors.ts';
import { lockName } from './paths.ts';
import type { Context } from './retry.ts';

const pollMs = 200;
/** SQLITE_BUSY and SQLITE_CANTOPEN, see https://sqlite.org/rescode.html. */
const busy = 5;
const cannotOpen = 14;

/**
 * Makes a folder where there is none and takes its lock, waiting while another process has it.
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
  for (let isLogged = false; ; isLogged = true) {
    // Who evicts a model takes the folder away.
    mkdirSync(folder, { recursive: true });
    const lock = tryLockFolder(folder);
    if (lock) return lock;
    if (!isLogged) log(`${folder}: another fetch into it is going on: waiting for its end`);
    await sleep(clock, pollMs, signal);
    signal.throwIfAborted();
  }
}

/**
 * Takes the lock of a folder, or gives undefined where another process has it.
 * @throws as {@link lockFolder}
 */
export function tryLockFolder(folder: string): Disposable | undefined {
  // SQLite would not say why, and is content with reading.
  accessSync(folder, constants.W_OK);
  return tryLock(join(folder, lockName));
}

/** Whether a process has the lock of a folder. It is read alone: nothing is made or taken. */
export function isLocked(folder: string): boolean {
  const path = join(folder, lockName);
  // What is no file is no lock, and may lead elsewhere or never end.
  if (!lstatSync(path, { throwIfNoEntry: false })?.isFile()) return false;
  const file = new DatabaseSync(path, { open: false, readOnly: true });
  try {
    file.open();
    file.exec('SELECT 1 FROM sqlite_master');
    return false;
  } catch (error) {
    return (error as { readonly errcode?: number }).errcode === busy;
  } finally {
    file[Symbol.dispose]();
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
      if (errcode === cannotOpen && !existsSync(dirname(path))) return undefined;
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
