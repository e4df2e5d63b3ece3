import type { Clock } from '#base/clock.ts';

/**
 * A queue of keys with the semantics of client-go: a key waits at most once, is handed to one worker at a time, and if
 * added while it is worked on, comes once more after that.
 */
export class WorkQueue {
  readonly #clock: Clock;
  /** Waiting for a worker, first come first served: a Set keeps the order in which keys were added. */
  readonly #queue = new Set<string>();
  /** Added again while being processed. */
  readonly #dirty = new Set<string>();
  readonly #processing = new Set<string>();
  readonly #delayed = new Map<string, { readonly at: number; readonly cancel: () => void }>();
  #idleWorkers: ((key: string | undefined) => void)[] = [];
  #drained: PromiseWithResolvers<void> | undefined;
  readonly #onQueued: (key: string) => void;

  /** @param onQueued called with each key that begins to wait, for a worker or for its own worker to be done with it */
  constructor(clock: Clock, onQueued: (key: string) => void = () => {}) {
    this.#clock = clock;
    this.#onQueued = onQueued;
  }

  /** Keys waiting for a worker. */
  get depth(): number {
    return this.#queue.size;
  }

  /** Keys handed out and not yet {@link done}. */
  get processing(): readonly string[] {
    return [...this.#processing];
  }

  add(key: string): void {
    if (this.#drained || this.#dirty.has(key) || this.#queue.has(key)) return;
    this.#onQueued(key);
    this.#enqueue(key);
  }

  #enqueue(key: string): void {
    if (this.#processing.has(key)) {
      this.#dirty.add(key);
      return;
    }
    this.#queue.add(key);
    const worker = this.#idleWorkers.shift();
    if (worker) worker(this.#take());
  }

  /** Adds `key` after `ms` milliseconds; of several delays that run at once for a key, the earliest counts. */
  addAfter(key: string, ms: number): void {
    if (this.#drained) return;
    const at = this.#clock.monotonic() + ms;
    const waiting = this.#delayed.get(key);
    if (waiting && waiting.at <= at) return;
    waiting?.cancel();
    const cancel = this.#clock.after(ms, () => {
      this.#delayed.delete(key);
      this.add(key);
    });
    this.#delayed.set(key, { at, cancel });
  }

  /** The next key to work on, once there is one; `undefined` when the queue is shut down. Call {@link done} after. */
  get(): Promise<string | undefined> {
    if (this.#drained) return Promise.resolve(undefined);
    if (this.#queue.size > 0) return Promise.resolve(this.#take());
    return new Promise((resolve) => this.#idleWorkers.push(resolve));
  }

  done(key: string): void {
    this.#processing.delete(key);
    if (this.#dirty.delete(key)) this.#enqueue(key);
    if (this.#processing.size === 0) this.#drained?.resolve();
  }

  /**
   * Hands out no more keys and resolves when those handed out are done. Keys that wait are dropped: whoever works next
   * starts from a list of everything, and should not have to wait for them.
   */
  shutdown(): Promise<void> {
    if (this.#drained) return this.#drained.promise;
    this.#drained = Promise.withResolvers();
    for (const { cancel } of this.#delayed.values()) cancel();
    this.#delayed.clear();
    this.#dirty.clear();
    this.#queue.clear();
    for (const worker of this.#idleWorkers) worker(undefined);
    this.#idleWorkers = [];
    if (this.#processing.size === 0) this.#drained.resolve();
    return this.#drained.promise;
  }

  #take(): string | undefined {
    const [key] = this.#queue;
    if (key !== undefined) {
      this.#queue.delete(key);
      this.#processing.add(key);
    }
    return key;
  }
}
