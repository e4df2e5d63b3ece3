import type { Random } from '#base/backoff.ts';
import { sleep } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import { messageOf } from '../client/errors.ts';
import { keyOf } from '../client/objects.ts';
import { LeaseLock, type LeaseLockOptions } from './lease-lock.ts';

export interface LeaderElectorOptions
  extends Omit<LeaseLockOptions, 'leaseDurationMs' | 'timeoutMs'>,
    Partial<LeaseTimes> {
  readonly random: Random;
  readonly logger: Logger;
}

/** The three times of an election, in milliseconds. */
export interface LeaseTimes {
  /** How long others wait after the last renewal that they saw, 15,000 by default; whole seconds. */
  readonly leaseDurationMs: number;
  /** After which time without a renewal a leader gives up, 10,000 by default. */
  readonly renewDeadlineMs: number;
  /** Between tries, 2,000 by default; each pause is up to a fifth longer. */
  readonly retryPeriodMs: number;
}

export interface WrongLeaseTime {
  readonly time: 'leaseDuration' | 'renewDeadline' | 'retryPeriod';
  readonly message: string;
}

/** A pause is up to so many times the retry period, as client-go's `JitterFactor`. */
const jitterFactor = 1.2;

/**
 * The first of the times that does not fit with the others, by the rules of client-go.
 * https://github.com/kubernetes/client-go/blob/master/tools/leaderelection/leaderelection.go (NewLeaderElector)
 */
export function wrongLeaseTime({
  leaseDurationMs,
  renewDeadlineMs,
  retryPeriodMs,
}: LeaseTimes): WrongLeaseTime | undefined {
  if (leaseDurationMs % 1000) return { time: 'leaseDuration', message: 'must be whole seconds' };
  if (renewDeadlineMs >= leaseDurationMs)
    return { time: 'renewDeadline', message: 'must be shorter than leaseDuration' };
  if (retryPeriodMs * jitterFactor >= renewDeadlineMs)
    return { time: 'retryPeriod', message: `must be shorter than renewDeadline divided by ${jitterFactor}` };
  return undefined;
}

/** Another process holds the Lease, or may hold it: this one may write nothing more. */
export class LeadershipLostError extends Error {
  override readonly name = 'LeadershipLostError';
}

/**
 * Lets one of several processes work, as the leader election of client-go does. Two never lead at the same time, as long
 * as no clock runs half as fast again as another, and no machine is suspended (see {@link systemClock}).
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
    const { renewDeadlineMs, lease, identity, logger } = this.#options;
    const wrong = wrongLeaseTime(this.#options);
    if (wrong) throw new Error(`${wrong.time} ${wrong.message}`);
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
    // Unlike client-go's, the last pause ends when the Lease of another process does: a retry period less without a leader.
    for (; !signal.aborted; await this.#pause(signal, this.#lock.takenMs || Number.POSITIVE_INFINITY)) {
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

  /** Waits for a retry period, or for `maxMs` if that is shorter. */
  #pause(signal: AbortSignal, maxMs = Number.POSITIVE_INFINITY): Promise<void> {
    const { clock, random, retryPeriodMs } = this.#options;
    return sleep(clock, Math.min(retryPeriodMs * (1 + random() * (jitterFactor - 1)), maxMs), signal);
  }

  get #leftMs(): number {
    return this.#renewedAt + this.#options.renewDeadlineMs - this.#options.clock.monotonic();
  }
}
