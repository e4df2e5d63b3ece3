import type { Random } from '#base/backoff.ts';
import { sleep } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import { messageOf } from '../client/errors.ts';
import { keyOf } from '../client/objects.ts';
import { LeaseLock, type LeaseLockOptions } from './lease-lock.ts';

export interface LeaderElectorOptions extends Omit<LeaseLockOptions, 'leaseDurationMs' | 'timeoutMs'> {
  readonly random: Random;
  readonly logger: Logger;
  /** Milliseconds that others wait after the last renewal they saw, 15,000 by default; whole seconds. */
  readonly leaseDurationMs?: number;
  /** Milliseconds after its last renewal when a leader gives up, 10,000 by default. */
  readonly renewDeadlineMs?: number;
  /** Milliseconds between tries, 2,000 by default, and up to a fifth more. */
  readonly retryPeriodMs?: number;
}

/** The Lease is somebody else's, or may be: nothing more may be done in its name. */
export class LeadershipLostError extends Error {
  override readonly name = 'LeadershipLostError';
}

/**
 * Sees to it that of several processes one works, as the leader election of client-go does. Two never lead at the same
 * time, as long as nobody's clock runs half as fast again as another's.
 */
export class LeaderElector {
  readonly #options: Required<LeaderElectorOptions>;
  readonly #logger: Logger;
  readonly #lock: LeaseLock;
  readonly #title: string;
  readonly #lost = new AbortController();
  /** When the last renewal that succeeded was sent. */
  #renewedAt = Number.NEGATIVE_INFINITY;

  /** @throws if the durations do not fit together. */
  constructor(options: LeaderElectorOptions) {
    const defaults = { leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryPeriodMs: 2000 };
    this.#options = { ...defaults, ...options };
    const { leaseDurationMs, renewDeadlineMs, retryPeriodMs, lease, identity, logger } = this.#options;
    if (
      leaseDurationMs % 1000 ||
      leaseDurationMs <= renewDeadlineMs ||
      renewDeadlineMs <= retryPeriodMs * 1.2
    )
      throw new Error(
        'a Lease must last whole seconds, longer than the renew deadline, and that longer than 1.2 retry periods',
      );
    // Half the deadline, so that one request without an answer leaves time for another.
    this.#lock = new LeaseLock({ ...this.#options, timeoutMs: renewDeadlineMs / 2 });
    this.#title = `the Lease ${keyOf(lease)}`;
    this.#logger = logger.child({ identity });
  }

  /** Whether this process may work now. True no longer than the renew deadline, even for a process that was suspended. */
  get isLeader(): boolean {
    return !this.#lost.signal.aborted && this.#leftMs > 0;
  }

  /** For `beforeWrite` of a RestClient. @throws LeadershipLostError where this process may not write. */
  readonly assertLeading = (): void => {
    if (!this.isLeader) throw new LeadershipLostError(`this process does not hold ${this.#title}`);
  };

  /**
   * Waits for the Lease, does `work` while it holds it, and sets it free when the work has ended. `signal` ends the
   * waiting; work that has begun ends when it likes, but must end when the signal aborts that it is given: the Lease
   * was lost. To be called once.
   *
   * @throws LeadershipLostError if the Lease was lost
   * @throws what `work` throws; the Lease is then left to run out, as not all may have ended
   */
  async run(signal: AbortSignal, work: (lost: AbortSignal) => Promise<void>): Promise<void> {
    if (!(await this.#acquire(signal))) return;
    const ended = new AbortController();
    const renewing = this.#renew(ended.signal);
    const unwatch = this.#watchDeadline();
    try {
      await work(this.#lost.signal);
    } finally {
      ended.abort();
      unwatch();
    }
    this.#lost.signal.throwIfAborted();
    await renewing;
    await this.#release();
  }

  /** Resolves to whether the Lease is ours; it is not when `signal` aborts before. */
  async #acquire(signal: AbortSignal): Promise<boolean> {
    this.#logger.info({}, `waiting for ${this.#title}`);
    let other: string | undefined;
    for (; !signal.aborted; await this.#pause(signal)) {
      try {
        this.#renewedAt = (await this.#lock.acquire(signal)) ?? Number.NEGATIVE_INFINITY;
      } catch (error) {
        if (!signal.aborted)
          this.#logger.warn({ err: error }, `cannot get ${this.#title}: ${messageOf(error)}`);
        continue;
      }
      if (this.isLeader) {
        this.#logger.info({}, `got ${this.#title}, leading`);
        return true;
      }
      if (this.#lock.holder !== other) {
        other = this.#lock.holder;
        this.#logger.info({}, `"${other}" holds ${this.#title}`);
      }
    }
    return false;
  }

  /** Keeps the Lease until `ended` aborts or the Lease is lost; a try under way is not cut short. */
  async #renew(ended: AbortSignal): Promise<void> {
    const lost = this.#lost.signal;
    for (;;) {
      await this.#pause(ended);
      if (ended.aborted || lost.aborted) return;
      try {
        const renewedAt = await this.#lock.acquire(lost);
        if (renewedAt === undefined) this.#lose(`"${this.#lock.holder}" holds it`);
        else this.#renewedAt = renewedAt;
      } catch (error) {
        if (!lost.aborted)
          this.#logger.warn({ err: error }, `cannot renew ${this.#title}: ${messageOf(error)}`);
      }
    }
  }

  /** Gives up at the deadline, whatever becomes of the request under way. */
  #watchDeadline(): () => void {
    let cancel = (): void => {};
    const check = (): void => {
      if (this.#leftMs > 0) cancel = this.#options.clock.after(this.#leftMs, check);
      else this.#lose(`not renewed for ${this.#options.renewDeadlineMs / 1000} s`);
    };
    check();
    return () => cancel();
  }

  #lose(why: string): void {
    if (this.#lost.signal.aborted) return;
    const error = new LeadershipLostError(`lost ${this.#title} (${why}); start this process again`);
    this.#logger.error({}, error.message);
    this.#lost.abort(error);
  }

  async #release(): Promise<void> {
    this.#renewedAt = Number.NEGATIVE_INFINITY;
    try {
      await this.#lock.release();
      this.#logger.info({}, `released ${this.#title}`);
    } catch (error) {
      this.#logger.warn(
        { err: error },
        `cannot release ${this.#title}, which will run out: ${messageOf(error)}`,
      );
    }
  }

  #pause(signal: AbortSignal): Promise<void> {
    const { clock, random, retryPeriodMs } = this.#options;
    return sleep(clock, retryPeriodMs * (1 + random() / 5), signal);
  }

  get #leftMs(): number {
    return this.#renewedAt + this.#options.renewDeadlineMs - this.#options.clock.monotonic();
  }
}
