import type { Clock } from '#base/clock.ts';

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** A clock that stands still until it is told to go on. */
export class ManualClock implements Clock {
  #now = 0;
  #wallOffset = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#now + this.#wallOffset;
  }

  monotonic(): number {
    return this.#now;
  }

  /** Somebody sets the wall clock, forward or back by so much. */
  jump(ms: number): void {
    this.#wallOffset += ms;
  }

  /** Time passes, but not for this process: its timers fire late, when the clock goes on. */
  suspend(ms: number): void {
    this.#now += ms;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.#now + ms, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Milliseconds until the next timer, if there is one. */
  get next(): number | undefined {
    const first = this.#first();
    return first && Math.max(0, first.at - this.#now);
  }

  /** Moves on, and calls on the way what falls due. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (let timer = this.#first(); timer && timer.at <= end; timer = this.#first()) {
      this.#timers.delete(timer);
      this.#now = Math.max(this.#now, timer.at);
      timer.callback();
    }
    this.#now = end;
  }

  /** Lets everything that waits for no timer happen, then moves to the next timer; gives the time that took. */
  async toNextTimer(): Promise<number> {
    let ms: number | undefined;
    for (; ms === undefined; ms = this.next) await new Promise(setImmediate);
    this.advance(ms);
    return ms;
  }

  #first(): Timer | undefined {
    return [...this.#timers].reduce<Timer | undefined>((a, b) => (a && a.at <= b.at ? a : b), undefined);
  }
}
