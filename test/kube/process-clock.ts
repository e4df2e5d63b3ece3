import type { Clock } from '#base/clock.ts';
import type { ManualClock } from './manual-clock.ts';

/** The time of the world as one process has it: too fast or slow, its wall clock wrong, and itself at times suspended. */
export class ProcessClock implements Clock {
  readonly #world: ManualClock;
  readonly #rate: number;
  #wall: number;
  #suspendedUntil = 0;

  constructor(world: ManualClock, rate: number, wall: number) {
    this.#world = world;
    this.#rate = rate;
    this.#wall = wall;
  }

  now(): number {
    return this.#wall + Math.floor(this.monotonic());
  }

  monotonic(): number {
    return this.#world.monotonic() * this.#rate;
  }

  after(ms: number, callback: () => void): () => void {
    const wake = (): void => {
      const late = this.#suspendedUntil - this.#world.monotonic();
      if (late <= 0) callback();
      else if (Number.isFinite(late)) cancel = this.#world.after(late, wake);
    };
    let cancel = this.#world.after(ms / this.#rate, wake);
    return () => cancel();
  }

  /** Resolves when the process runs. */
  awake(): Promise<void> {
    return new Promise((resolve) => this.after(0, resolve));
  }

  jump(ms: number): void {
    this.#wall += ms;
  }

  /** The process does nothing for so many milliseconds of the world. */
  suspend(ms: number): void {
    this.#suspendedUntil = Math.max(this.#suspendedUntil, this.#world.monotonic() + ms);
  }

  /** The clock of the process that is started in the place of this one. */
  successor(): ProcessClock {
    return new ProcessClock(this.#world, this.#rate, this.#wall);
  }
}
