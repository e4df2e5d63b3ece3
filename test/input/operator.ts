import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const program = join(import.meta.dirname, '../../src/main.ts');

export interface RunningOperator extends AsyncDisposable {
  /** @throws where the operator has ended */
  readonly check: () => void;
  /** What its log says in all: how many lines of each message, the most frequent first. */
  readonly summary: () => string;
}

/** The operator as a process of its own, so that a crash of it is seen; it ends when disposed of. */
export async function startOperator(kubeconfig: string): Promise<RunningOperator> {
  const flags = ['--leader-elect=false', '--metrics-bind-address=0', '--health-probe-bind-address=0'];
  const child = spawn(
    process.execPath,
    [program, 'controller', '--kubeconfig', kubeconfig, ...flags, '--log-format=json'],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const counts = new Map<string, number>();
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  createInterface(child.stdout).on('line', (line) => {
    const { level, msg, reason = '' } = JSON.parse(line);
    const shown =
      level === 'info'
        ? String(reason)
        : String(msg)
            .replaceAll(/[-\w]*\d[-\w.]*/g, '…')
            .slice(0, 160);
    const key = `${level} ${shown}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  });
  return {
    check: () => {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`the operator ended with ${child.exitCode ?? child.signalCode}: ${errors}`);
    },
    summary: () =>
      [...counts]
        .sort(([, left], [, right]) => right - left)
        .map(([message, count]) => `${String(count).padStart(6)}  ${message}`)
        .join('\n'),
    [Symbol.asyncDispose]: async () => {
      child.kill();
      await ended;
    },
  };
}
