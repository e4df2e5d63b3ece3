import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const modules = join(root, 'node_modules');

export interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const none = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0 };

interface Options {
  /** Some files of the project; without, all. */
  readonly files?: readonly string[];
  readonly flags?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs one project of test/vitest.config.ts. A run that counts no test at all has failed. */
export async function runProject(
  project: string,
  { files = [], flags = [], env = {} }: Options = {},
): Promise<Count> {
  const scratch = await mkdtemp(join(tmpdir(), 'dormouse-test-'));
  try {
    const report = join(scratch, 'report.json');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const config = ['--config', join(root, 'test/vitest.config.ts'), '--project', project];
    const ok = await node(
      [join(modules, 'vitest/vitest.mjs'), 'run', ...config, ...reporters, ...flags, ...files],
      env,
    );
    const {
      numPassedTests: passed,
      numFailedTests: failed,
      numPendingTests: skipped,
    }: typeof none = await readFile(report, 'utf8').then(JSON.parse, () => none);
    return { passed, failed: ok || failed > 0 ? failed : 1, skipped };
  } finally {
    await rm(scratch, { recursive: true });
  }
}

/** Runs a program on this very Node.js, which it also finds in PATH; tells whether it succeeded. */
export function node(argv: readonly string[], more = {}): Promise<boolean> {
  const env = { ...process.env, PATH: `${join(modules, '.bin')}${delimiter}${process.env.PATH}`, ...more };
  const child = spawn(process.execPath, argv, { cwd: root, env, stdio: 'inherit' });
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on('SIGINT', forward).on('SIGTERM', forward);
  return new Promise((resolve) => {
    child.on('exit', (code) => {
      process.off('SIGINT', forward).off('SIGTERM', forward);
      resolve(code === 0);
    });
  });
}
