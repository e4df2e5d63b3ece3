import { randomUUID } from 'node:crypto';
import type { Random } from '#base/backoff.ts';
import type { Clock } from '#base/clock.ts';
import { aborted, withDeadline, within } from '#base/deadline.ts';
import type { Logger } from '#base/logger.ts';
import type { Informer } from '../cache/reflector.ts';
import { messageOf, retryAfterMs } from '../client/errors.ts';
import { type KubernetesObject, keyOf } from '../client/objects.ts';
import { RateLimiter } from './ratelimiter.ts';
import { WorkQueue } from './workqueue.ts';

/** How a reconcile ended. */
export type ReconcileResult = 'success' | 'requeue_after' | 'error';

/** Is told what a controller does, for whoever keeps numbers of it. It must not throw. */
export interface ControllerObserver {
  /** A key waits for a worker, also if it is being worked on and must come once more. */
  queued(key: string): void;
  /** A worker took the key. */
  started(key: string): void;
  ended(key: string, result: ReconcileResult): void;
}

export const unobserved: ControllerObserver = { queued() {}, started() {}, ended() {} };

/** What a reconcile asks for when it succeeded. To be called again on a change needs no asking. */
export interface Result {
  /** Reconcile again after so many milliseconds even if nothing changes. */
  readonly requeueAfterMs?: number;
}

/** Which keys to reconcile when an object changes. */
export type Mapper<T> = (object: T) => readonly string[];

/** The object's own key. */
export function ownKey(object: KubernetesObject): readonly string[] {
  return [keyOf(object.metadata)];
}

export interface ReconcileContext {
  /** Aborts when the reconcile has taken too long, or the controller must stop. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/**
 * Makes the world as the object of this key asks. It gets no event: it reads what is there now, or that nothing is.
 * What it throws is tried again, later each time.
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

  constructor(options: ControllerOptions) {
    this.name = options.name;
    this.#options = options;
    this.#logger = options.logger.child({ controller: options.name });
    this.#observer = options.observer ?? unobserved;
    this.#queue = new WorkQueue(options.clock, (key) => this.#observer.queued(key));
    this.#limiter = new RateLimiter(options.clock, options.random);
  }

  /** Reconciles `key` soon. */
  enqueue(key: string): void {
    this.#queue.add(key);
  }

  /** Reconciles, on each change of an object, the keys that its state before and after map to. */
  watch<T extends KubernetesObject>(source: Informer<T>, keys: Mapper<T>): void {
    source.onChange((before, after) => {
      for (const object of [before, after]) {
        for (const key of object ? keys(object) : []) this.enqueue(key);
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
    for (let key = await this.#queue.get(); key !== undefined; key = await this.#queue.get()) {
      const logger = this.#logger.child({ key, reconcileId: randomUUID() });
      this.#observer.started(key);
      const outcome = await this.#reconcile(key, logger);
      this.#observer.ended(key, this.#settle(key, outcome, logger));
      this.#queue.done(key);
    }
  }

  async #reconcile(key: string, logger: Logger): Promise<Outcome> {
    const { clock, timeoutMs = 60_000, reconcile } = this.#options;
    const late = () => new Error(`reconcile took longer than ${timeoutMs / 1000} s`);
    try {
      const result = await withDeadline(
        { clock, ms: timeoutMs, late, parent: this.#abort.signal },
        (signal) => reconcile(key, { signal, logger }),
      );
      return { type: 'done', result };
    } catch (error) {
      return { type: 'failed', error };
    }
  }

  /** Decides when the key comes next: the only place that does. */
  #settle(key: string, outcome: Outcome, logger: Logger): ReconcileResult {
    if (outcome.type === 'done') {
      this.#limiter.forget(key);
      if (outcome.result.requeueAfterMs === undefined) return 'success';
      this.#queue.addAfter(key, outcome.result.requeueAfterMs);
      return 'requeue_after';
    }
    const { error } = outcome;
    const retryInMs = Math.max(this.#limiter.next(key), retryAfterMs(error));
    this.#queue.addAfter(key, retryInMs);
    logger.warn({ err: error, retryInMs: Math.round(retryInMs) }, `reconcile failed: ${messageOf(error)}`);
    return 'error';
  }
}
