import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

const main = join(import.meta.dirname, '../../src/main.ts');

/** `dormouse` in a process of its own, which goes with the test. */
export function start(args: readonly string[]) {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const stderr = text(child.stderr);
  return {
    child,
    stderr,
    /** Exit code, or the signal that ended it. */
    ended: once(child, 'exit').then(([code, signal]) => code ?? signal) as Promise<number | string>,
  };
}
