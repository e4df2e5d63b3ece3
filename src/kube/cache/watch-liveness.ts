import type { Reader } from '../client/client.ts';

/**
 * Notices a list or watch that hangs. Every request of a Reader comes to an end, or gives a sign, within a time that is
 * bounded: by its deadline, or by the silence after which a watch counts as dead. An API server that is down ends them
 * too, with an error, and between attempts no request is open. So a request that is open and silent for much longer
 * is a fault of this process.
 */
export class WatchLiveness {
  readonly #now: () => number;
  /** The last sign of the request that is open. */
  #last: number | undefined;

  /** @param now milliseconds of a clock that only goes on */
  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  /** Milliseconds for which the request that is open has given no sign; 0 if none is open. */
  get silentMs(): number {
    return this.#last === undefined ? 0 : this.#now() - this.#last;
  }

  /** The same Reader, its lists and watches observed; they must come one after the other. */
  through(reader: Reader): Reader {
    return {
      get: (...request) => reader.get(...request),
      list: async (...request) => {
        this.#last = this.#now();
        try {
          return await reader.list(...request);
        } finally {
          this.#last = undefined;
        }
      },
      watch: (...request) => this.#watch(reader.watch(...request)),
    };
  }

  async *#watch<T>(events: AsyncIterable<T>): AsyncGenerator<T> {
    this.#last = this.#now();
    try {
      for await (const event of events) {
        this.#last = this.#now();
        yield event;
      }
    } finally {
      this.#last = undefined;
    }
  }
}
