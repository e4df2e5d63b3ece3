import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { secondsOf } from './processor.ts';

/** Memory of a process in bytes, now and at its highest. */
export interface Memory {
  readonly now: number;
  readonly peak: number;
}

export interface ProgramOptions {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Takes all that it prints: reading it here would cost time that is measured. */
  readonly log: string;
}

/** A program that is measured: a process of its own, so that its memory and its time are its alone. */
export class Program implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #options: ProgramOptions;
  /** As `performance.now`. */
  readonly started: number;

  private constructor(child: ChildProcess, options: ProgramOptions, started: number) {
    this.#child = child;
    this.#options = options;
    this.started = started;
  }

  static async start(options: ProgramOptions): Promise<Program> {
    const log = await open(options.log, 'w');
    try {
      const [command = '', ...args] = options.argv;
      const started = performance.now();
      const child = spawn(command, args, { env: options.env, stdio: ['ignore', log.fd, log.fd] });
      await once(child, 'spawn');
      return new Program(child, options, started);
    } finally {
      await log.close();
    }
  }

  /** Waits until it prints a line that has `text`. @throws when it ends before */
  async says(text: string, signal: AbortSignal): Promise<string> {
    for (;;) {
      const lines = (await readFile(this.#options.log, 'utf8')).split('\n');
      const found = lines.find((line) => line.includes(text));
      if (found) return found;
      if (this.#ended) throw await this.#ending();
      await delay(20, undefined, { signal });
    }
  }

  async memory(): Promise<Memory> {
    const status = await readFile(`/proc/${this.#child.pid}/status`, 'utf8');
    const bytes = (field: string): number =>
      Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024;
    return { now: bytes('VmRSS'), peak: bytes('VmHWM') };
  }

  /** Seconds of a processor that it has used. */
  async seconds(): Promise<number> {
    if (this.#ended) throw await this.#ending();
    return secondsOf(this.#child.pid ?? 0);
  }

  /** Waits until it has next to nothing to do, and gives when that began (as `performance.now`). */
  async idle(signal: AbortSignal): Promise<number> {
    let since = performance.now();
    for (let last = await this.seconds(); performance.now() - since < 1000; ) {
      await delay(50, undefined, { signal });
      const now = await this.seconds();
      if (now - last > 0.01) since = performance.now();
      last = now;
    }
    return since;
  }

  /** Resolves when it ends by itself, with the time of it. @throws when it fails */
  async end(): Promise<number> {
    if (!this.#ended) await once(this.#child, 'exit');
    if (this.#child.exitCode === 0) return performance.now();
    throw await this.#ending();
  }

  /** Ends it by a signal; one that does not heed it within 20 s is killed. */
  async stop(signal: NodeJS.Signals): Promise<void> {
    if (this.#ended) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill(signal);
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 20_000);
    await ended;
    clearTimeout(timer);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop('SIGTERM');
  }

  /** An error that tells how it ended, with its last words. */
  async #ending(): Promise<Error> {
    const { argv, log } = this.#options;
    const how = this.#child.signalCode ?? `status ${this.#child.exitCode}`;
    const words = (await readFile(log, 'utf8')).trim().split('\n').slice(-5).join('\n');
    return new Error(`${argv.join(' ')} has ended with ${how}:\n${words}`);
  }

  get #ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}
