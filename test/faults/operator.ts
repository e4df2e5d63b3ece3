import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const root = join(import.meta.dirname, '../..');
/** What the operator says once it knows the cluster; one that does not lead goes no further. */
const working = 'caches are in sync';
const startMs = 120_000;

/** The operator as a process of its own, as its image runs it. */
export class OperatorProcess {
  /** Resolves once the operator works. Rejects if it ends before. */
  readonly ready: Promise<void>;
  /** Resolves once it has ended. */
  readonly ended: Promise<void>;
  /** Whether it ended though nobody ended it; with what. */
  broken: string | undefined;
  readonly #child: ChildProcess;
  #ending = false;

  /** @param log path of a file that its output is added to */
  constructor(kubeconfig: string, log: string, flags: readonly string[] = []) {
    const argv = [
      '--import',
      join(import.meta.dirname, 'clock.mjs'),
      join(root, 'src/main.ts'),
      'controller',
    ];
    this.#child = spawn(process.execPath, [...argv, '--kubeconfig', kubeconfig, ...flags], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A signal from the terminal is for the suite, which ends its operators itself.
      detached: true,
    });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const file = createWriteStream(log, { flags: 'a' });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (!stream) continue;
      createInterface(stream).on('line', (line) => {
        if (line.includes(working)) resolve();
        if (!file.writableEnded) file.write(`${line}\n`);
      });
    }
    this.ended = once(this.#child, 'exit').then(([code, signal]) => {
      if (!this.#ending) this.broken = `the operator ended by itself: ${signal ?? `status ${code}`}`;
      reject(new Error('the operator ended before it worked'));
    });
    this.#child.once('close', () => file.end());
    this.#child.on('error', reject);
    const timer = setTimeout(
      () => reject(new Error(`the operator does not work after ${startMs / 1000} s`)),
      startMs,
    );
    this.ready = promise.finally(() => clearTimeout(timer));
    this.ready.catch(() => {});
  }

  /** Ends it at once. */
  async kill(): Promise<void> {
    this.#ending = true;
    this.#child.kill('SIGKILL');
    await this.ended;
  }

  /** Asks it to end. @throws if it ends otherwise than it should */
  async terminate(): Promise<void> {
    this.#ending = true;
    this.#child.kill('SIGTERM');
    await this.ended;
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== 0) throw new Error(`asked to end, the operator ended with ${signalCode ?? exitCode}`);
  }

  suspend(): void {
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }

  /** Puts its wall clock off by that much. */
  setClock(offsetMs: number): void {
    this.#child.send({ offsetMs });
  }
}
