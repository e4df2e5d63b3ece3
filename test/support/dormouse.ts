import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cluster } from './cluster.ts';

const main = join(import.meta.dirname, '../../src/main.ts');

/** Runs `dormouse` for the cluster under test, and gives what it printed; rejects where its exit code is not 0. */
export async function dormouse(
  args: readonly string[],
  input = '',
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const argv = [main, ...args, '--kubeconfig', cluster().kubeconfig];
  const running = promisify(execFile)(process.execPath, argv);
  running.child.stdin?.end(input);
  return running;
}
