import type { Clock } from '#base/clock.ts';

/** From what goes first to what goes last. */
const priorities = ['high', 'normal', 'low'] as const;

/** Of the keys that wait, one of a higher priority goes first, however long the others have waited. */
export type Priority = (typeof priorities)[number];

const higher = (a: Priority, b: Priority): Priority =>
  priorities.indexOf(a) <= priorities.indexOf(b) ? a : b;

/** A key that is handed out, and the priority with which it waited. */
export interface Item {
  readonly key: string;
  readonly priority: Priority;
}

interface Delay {
  readonly at: number;
  readonly priority: Priority;
  readonly cancel: () => void;
}

/**
 * A queue of keys with the semantics of client-go's: a key waits at most once, is handed to one worker at a time, and if
 * added while it is worked on, comes once more after that. Priorities are those of controller-runtime's queue: a key that
 * is added twice has the higher of both.
 * https://github.com/kubernetes-sigs/controller-runtime/blob/main/pkg/controller/priorityqueue/priorityqueue.go
 */
export class WorkQueue {
  readonly #clock: Clock;
  /** Waiting for a worker, first come first served in each lane: a Set keeps the order in which keys were added. */
  readonly #lanes: Readonly<Record<Priority, Set<string>>> = {
    high: new Set(),
    normal: new Set(),
    low: new Set(),
  };
  /** Added again while being processed. */
  readonly #dirty = new Map<string, Priority>();
  readonly #processing = new Map<string, Priority>();
  readonly #delayed = new Map<string, Delay>();
  #idleWorkers: ((item: Item | undefined) => void)[] = [];
  #drained: PromiseWithResolvers<void> | undefined;
  readonly #onQueued: (key: string) => void;

  /** @param onQueued called with each key that begins to wait, for a worker or for its own worker to be done with it */
  constructor(clock: Clock, onQueued: (key: string) => void = () => {}) {
    this.#clock = clock;
    this.#onQueued = onQueued;
  }

  /** Keys waiting for a worker. */
  get depth(): number {
    return priorities.reduce((sum, priority) => sum + this.#lanes[priority].size, 0);
  }

  /** Keys handed out and not yet {@link done}. */
  get processing(): readonly string[] {
    return [...this.#processing.keys()];
  }

  /** Whether a key of more than low priority waits for a worker or is being processed. */
  get isUrgent(): boolean {
    const { high, normal } = this.#lanes;
    return high.size > 0 || normal.size > 0 || [...this.#processing.values()].some((each) => each !== 'low');
  }

  add(key: string, priority: Priority = 'normal'): void {
    if (this.#drained) return;
    const known = this.#dirty.get(key) ?? priorities.find((lane) => this.#lanes[lane].has(key));
    if (known === undefined) this.#onQueued(key);
    else if (higher(known, priority) === known) return;
    else this.#lanes[known].delete(key);
    this.#enqueue(key, priority);
  }

  #enqueue(key: string, priority: Priority): void {
    if (this.#processing.has(key)) {
      this.#dirty.set(key, priority);
      return;
    }
    this.#lanes[priority].add(key);
    const worker = this.#idleWorkers.shift();
    if (worker) worker(this.#take());
  }

  /** Adds `key` after `ms` milliseconds. Of delays that run at once for a key, the earliest and the highest priority count. */
  addAfter(key: string, ms: number, priority: Priority = 'normal'): void {
    if (this.#drained) return;
    if (ms <= 0) {
      this.add(key, priority);
      return;
    }
    const now = this.#clock.monotonic();
    const waiting = this.#delayed.get(key);
    const next = waiting
      ? { at: Math.min(waiting.at, now + ms), priority: higher(waiting.priority, priority) }
      : { at: now + ms, priority };
    if (waiting?.at === next.at && waiting.priority === next.priority) return;
    waiting?.cancel();
    const cancel = this.#clock.after(next.at - now, () => {
      this.#delayed.delete(key);
      this.add(key, next.priority);
    });
    this.#delayed.set(key, { ...next, cancel });
  }

  /** The next key to work on, once there is one; `undefined` when the queue is shut down. Call {@link done} after. */
  get(): Promise<Item | undefined> {
    if (this.#drained) return Promise.resolve(undefined);
    const item = this.#take();
    if (item) return Promise.resolve(item);
    return new Promise((resolve) => this.#idleWorkers.push(resolve));
  }

  done(key: string): void {
    this.#processing.delete(key);
    const again = this.#dirty.get(key);
    if (again && this.#dirty.delete(key)) this.#enqueue(key, again);
    if (this.#processing.size === 0) this.#drained?.resolve();
  }

  /**
   * Hands out no more keys and resolves when those handed out are done. Keys that wait are dropped: the next leader starts
   * from a list of everything, and must not have to wait for them.
   */
  shutdown(): Promise<void> {
    if (this.#drained) return this.#drained.promise;
    this.#drained = Promise.withResolvers();
    for (const { cancel } of this.#delayed.values()) cancel();
    this.#delayed.clear();
    this.#dirty.clear();
    for (const priority of priorities) this.#lanes[priority].clear();
    for (const worker of this.#idleWorkers) worker(undefined);
    this.#idleWorkers = [];
    if (this.#processing.size === 0) this.#drained.resolve();
    return this.#drained.promise;
  }

  #take(): Item | undefined {
    for (const priority of priorities) {
      const [key] = this.#lanes[priority];
      if (key === undefined) continue;
      this.#lanes[priority].delete(key);
      this.#processing.set(key, priority);
      return { key, priority };
    }
    return undefined;
  }
}
