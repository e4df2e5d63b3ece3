import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Python } from './python.ts';

const run = promisify(execFile);

// A requirements file names every package, so that nothing is left for pip to choose or to compile.
const options = [
  '--quiet',
  '--no-deps',
  '--no-compile',
  '--only-binary=:all:',
  '--disable-pip-version-check',
];

/** Installs what the file `requirements` names, and nothing else, from wheels of PyPI into `folder`. */
export async function install(python: Python, requirements: string, folder: string): Promise<void> {
  const what = ['--target', folder, '--requirement', requirements];
  try {
    await run(python.command, ['-m', 'pip', 'install', ...options, ...what], { maxBuffer: 1 << 26 });
  } catch (cause) {
    throw new Error(`pip cannot install ${requirements}: check that this machine reaches PyPI.`, { cause });
  }
}
