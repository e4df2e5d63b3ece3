import { randomUUID } from 'node:crypto';
import type { Random } from '#base/backoff.ts';
import type { Clock } from '#base/clock.ts';
import { aborted, withDeadline, within } from '#base/deadline.ts';
import type { Logger } from '#base/logger.ts';
import type { Informer } from '../cache/reflector.ts';
import type { Lister } from '../cache/store.ts';
import { messageOf, retryAfterMs } from '../client/errors.ts';
import { type KubernetesObject, keyOf } from '../client/objects.ts';
import { RateLimiter } from './ratelimiter.ts';
import { type Item, type Priority, WorkQueue } from './workqueue.ts';

/**
 * How a reconcile ended. The last three are errors: `terminal_error` is one that no retry mends, `panic` is a mistake of
 * this program.
 */
export type ReconcileResult = 'success' | 'requeue_after' | 'error' | 'terminal_error' | 'panic';

/** Observes what a controller does, for metrics. It must not throw. */
export interface ControllerObserver {
  /** A key waits for a worker, also if it is being worked on and must come once more. */
  queued(key: string): void;
  /** A worker took the key. */
  started(key: string): void;
  ended(key: string, result: ReconcileResult): void;
}

export const unobserved: ControllerObserver = { queued() {}, started() {}, ended() {} };

/** What a reconcile asks for when it succeeded. A change of a watched object needs no asking. */
export interface Result {
  /** Reconcile again after so many milliseconds even if nothing changes; 0 for as soon as its priority allows. */
  readonly requeueAfterMs?: number;
  /** The priority of that reconcile; by default that of this one. */
  readonly priority?: Priority;
}

/**
 * A failure that a retry cannot mend: the key is reconciled again on a change only. As controller-runtime's
 * `reconcile.TerminalError`.
 */
export class TerminalError extends Error {
  override readonly name = 'TerminalError';
}

/** Which keys to reconcile when an object changes. */
export type Mapper<T> = (object: T) => readonly string[];

/**
 * How urgent a change is; undefined where there is nothing to do for it, as for a Predicate of controller-runtime. `before` is
 * missing for an object that is new, `after` for one that is gone.
 */
export type PriorityOf<T> = (before: T | undefined, after: T | undefined) => Priority | undefined;

/** The object's own key. */
export function ownKey(object: KubernetesObject): readonly string[] {
  return [keyOf(object.metadata)];
}

/** New and deleted objects and changes of a spec go first, changes of a status or of metadata last. */
export const specFirst: PriorityOf<KubernetesObject> = (before, after) =>
  before && after && before.metadata.generation === after.metadata.generation ? 'low' : 'high';

export interface ReconcileContext {
  /** Aborts when the reconcile has taken too long, or the controller must stop. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** How urgent the most urgent reason for this reconcile was. */
  readonly priority: Priority;
}

/**
 * Makes the cluster match the object with this key. It gets no event: it reads what is there now. An error is retried,
 * later each time, unless it is a {@link TerminalError}.
 */
export type Reconcile = (key: string, context: ReconcileContext) => Promise<Result>;

export interface ControllerOptions {
  readonly name: string;
  readonly reconcile: Reconcile;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Keys reconciled at the same time, 10 by default. */
  readonly workers?: number;
  /** Milliseconds that one reconcile may take, 60,000 by default. */
  readonly timeoutMs?: number;
  /** Milliseconds that running reconciles get to finish on stop before they are aborted, 10,000 by default. */
  readonly drainMs?: number;
  /** Milliseconds that aborted reconciles get to end before they are left behind, 5,000 by default. */
  readonly abandonMs?: number;
  readonly observer?: ControllerObserver;
}

type Outcome =
  | { readonly type: 'done'; readonly result: Result }
  | { readonly type: 'failed'; readonly error: unknown };

/** Takes keys from a queue and reconciles each, never the same key twice at a time. */
export class Controller {
  readonly name: string;
  readonly #options: ControllerOptions;
  readonly #logger: Logger;
  readonly #queue: WorkQueue;
  readonly #limiter: RateLimiter;
  readonly #observer: ControllerObserver;
  readonly #abort = new AbortController();
  #primary: Lister<KubernetesObject> | undefined;
  #isRunning = false;
  #waiting: (() => void)[] = [];

  constructor(options: ControllerOptions) {
    this.name = options.name;
    this.#options = options;
    this.#logger = options.logger.child({ controller: options.name });
    this.#observer = options.observer ?? unobserved;
    this.#queue = new WorkQueue(options.clock, (key) => this.#observer.queued(key));
    this.#limiter = new RateLimiter(options.clock, options.random);
  }

  /**
   * Reconciles `key` soon. Does nothing before {@link run}: a standby would count and keep each key that it ever saw, and
   * starts from all keys anyway. controller-runtime, too, starts its sources after the election.
   */
  enqueue(key: string, priority?: Priority): void {
    if (this.#isRunning) this.#queue.add(key, priority);
  }

  /** Resolves when no key of more than low priority waits or is being reconciled: for work that must not delay these. */
  calm(): Promise<void> {
    if (!this.#queue.isUrgent) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Reconciles each object of `primary`: all of them when {@link run} begins, and each one when it changes. */
  for<T extends KubernetesObject>(primary: Informer<T>, priorityOf?: PriorityOf<T>): void {
    this.#primary = primary.store;
    this.watch(primary, ownKey, priorityOf);
  }

  /** Reconciles, on each change of an object, the keys that its state before and after map to. */
  watch<T extends KubernetesObject>(
    source: Informer<T>,
    keys: Mapper<T>,
    priorityOf: PriorityOf<T> = () => 'normal',
  ): void {
    source.onChange((before, after) => {
      const priority = priorityOf(before, after);
      if (!priority) return;
      for (const object of [before, after]) {
        for (const key of object ? keys(object) : []) this.enqueue(key, priority);
      }
    });
  }

  /**
   * Works until `stop` aborts, and resolves when the last reconcile has ended. When `abort` aborts, running reconciles
   * are aborted without delay. Start it when all caches are synced.
   *
   * @throws if reconciles do not end although they were aborted
   */
  async run(stop: AbortSignal, abort?: AbortSignal): Promise<void> {
    const { workers = 10, drainMs = 10_000, abandonMs = 5000, clock } = this.#options;
    this.#isRunning = true;
    for (const { metadata } of this.#primary?.list() ?? []) this.enqueue(keyOf(metadata));
    const working = Promise.all(Array.from({ length: workers }, () => this.#work()));
    await aborted(stop, abort);
    const drained = this.#queue.shutdown();
    if (!(await within(clock, drainMs, drained, abort))) {
      this.#abort.abort(abort?.reason ?? new Error('the controller is stopping'));
      if (!(await within(clock, abandonMs, drained)))
        throw new Error(
          `${this.name}: aborted reconciles did not end within ${abandonMs / 1000} s: ${this.#queue.processing.join(', ')}`,
        );
    }
    await working;
  }

  async #work(): Promise<void> {
    for (let item = await this.#queue.get(); item; item = await this.#queue.get()) {
      const { key } = item;
      const logger = this.#logger.child({ key, reconcileId: randomUUID() });
      this.#observer.started(key);
      const outcome = await this.#reconcile(item, logger);
      this.#observer.ended(key, this.#settle(item, outcome, logger));
      this.#queue.done(key);
      if (this.#waiting.length > 0 && !this.#queue.isUrgent)
        for (const resolve of this.#waiting.splice(0)) resolve();
    }
  }

  async #reconcile({ key, priority }: Item, logger: Logger): Promise<Outcome> {
    const { clock, timeoutMs = 60_000, reconcile } = this.#options;
    const late = () => new Error(`reconcile took longer than ${timeoutMs / 1000} s`);
    try {
      const result = await withDeadline(
        { clock, ms: timeoutMs, late, parent: this.#abort.signal },
        (signal) => reconcile(key, { signal, logger, priority }),
      );
      return { type: 'done', result };
    } catch (error) {
      return { type: 'failed', error };
    }
  }

  /** Decides when the key comes next: the only place that does. */
  #settle({ key, priority }: Item, outcome: Outcome, logger: Logger): ReconcileResult {
    if (outcome.type === 'done') {
      this.#limiter.forget(key);
      const { requeueAfterMs, priority: next = priority } = outcome.result;
      if (requeueAfterMs === undefined) return 'success';
      this.#queue.addAfter(key, requeueAfterMs, next);
      return 'requeue_after';
    }
    const { error } = outcome;
    if (error instanceof TerminalError) {
      logger.error({ err: error }, `reconcile failed for good: ${messageOf(error)}`);
      return 'terminal_error';
    }
    const retryInMs = Math.max(this.#limiter.next(key), retryAfterMs(error));
    this.#queue.addAfter(key, retryInMs, priority);
    logger.error({ err: error, retryInMs: Math.round(retryInMs) }, `reconcile failed: ${messageOf(error)}`);
    return isPanic(error) ? 'panic' : 'error';
  }
}

/** Whether an error is one of the JavaScript engine, where a program in Go would panic. */
const isPanic = (error: unknown): boolean =>
  error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
