import { spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';

export type RunOptions = {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly signal?: AbortSignal | undefined;
  /** Called with each line of standard error as it comes. */
  readonly onLine?: (line: string) => void;
};

/**
 * Runs a command to its end and gives its standard output. Throws with the end of its standard error when it fails;
 * an abort of `signal` ends it.
 */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const [command = '', ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      signal: options.signal,
    });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
      for (const line of text.split('\n')) if (line) options.onLine?.(line);
    });
    child.on('error', reject);
    child.on('close', (code, killed) => {
      if (code === 0) return resolve(output);
      const shown = argv.length > 6 ? [...argv.slice(0, 6), '...'] : argv;
      reject(
        new Error(
          `${shown.join(' ')} ended with ${killed ?? `status ${code}`}: ${errors.trim().slice(-1500) || output.trim().slice(-500)}`,
        ),
      );
    });
    // A command that ends early closes its end of the pipe: its status says more than EPIPE.
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
  });
}

/** The absolute path of a command in PATH or in the folders of system commands, or undefined. */
export async function which(command: string): Promise<string | undefined> {
  for (const folder of `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`.split(':')) {
    const path = join(folder, command);
    if (await executable(path)) return path;
  }
  return undefined;
}

export async function executable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
