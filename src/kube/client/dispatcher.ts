import { isDeepStrictEqual } from 'node:util';
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import { systemClock } from '#base/clock.ts';

/** What a connection to the API server depends on: TLS settings, and a proxy if there is one. */
export interface DispatcherSettings {
  /** URL of the proxy. */
  readonly uri?: string;
  /** TLS settings of the way to the server, or to the proxy if there is one. */
  readonly connect?: object;
  /** TLS settings of the way to the server behind a proxy. */
  readonly requestTls?: object;
}

/** How long a pool that was replaced takes requests still. */
const retireMs = 1000;

/** Connections to one API server, made anew only when certificates or the proxy change. */
export class DispatcherPool {
  readonly #clock: typeof systemClock;
  #settings: DispatcherSettings | undefined;
  #current: Dispatcher | undefined;
  /** Pools that were replaced, each with what cancels its closing. */
  readonly #retired = new Map<Dispatcher, () => void>();

  constructor(clock = systemClock) {
    this.#clock = clock;
  }

  get(settings: DispatcherSettings): Dispatcher {
    if (this.#current && isDeepStrictEqual(settings, this.#settings)) return this.#current;
    if (this.#current) this.#retire(this.#current);
    this.#settings = settings;
    const all = {
      ...settings,
      connect: { ...settings.connect, keepAlive: true, keepAliveInitialDelay: 30_000 },
      keepAliveTimeout: 30_000,
      // A connection a request: one that stalls holds up nothing else, and ends by its own time limit.
      allowH2: false,
    };
    this.#current =
      'uri' in all ? new ProxyAgent(all as ProxyAgent.Options) : new Agent(all as Agent.Options);
    return this.#current;
  }

  /**
   * Closes a pool that was replaced. Not at once: a caller that was given it just before has yet to send its request.
   * Requests under way end in their own time, watches within five minutes.
   */
  #retire(old: Dispatcher): void {
    const cancel = this.#clock.after(retireMs, () => {
      const forget = () => void this.#retired.delete(old);
      old.close().then(forget, forget);
    });
    this.#retired.set(old, cancel);
  }

  /** Ends all connections, and with them all requests. */
  async close(): Promise<void> {
    const all = [...this.#retired.keys(), ...(this.#current ? [this.#current] : [])];
    for (const cancel of this.#retired.values()) cancel();
    this.#retired.clear();
    this.#current = undefined;
    await Promise.all(all.map((dispatcher) => dispatcher.destroy()));
  }
}

/**
 * A dispatcher that asks `check` at the moment when a connection takes a request, and fails it with what that throws.
 * Between the call and that moment a connection may have to be made, and the process may have been suspended meanwhile.
 */
export const fenced = (dispatcher: Dispatcher, check: () => void): Dispatcher =>
  dispatcher.compose((dispatch) => (options, handler) => {
    // Each request has a handler of its own.
    const start = handler.onRequestStart?.bind(handler);
    handler.onRequestStart = (...args) => {
      check();
      start?.(...args);
    };
    return dispatch(options, handler);
  });
