import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import { systemClock } from '#base/clock.ts';
import { messageOf } from './errors.ts';

/** What a connection to the API server depends on. Certificates are PEM. */
export interface DispatcherSettings {
  /** Certificate authorities of the server; without it those of the system. */
  readonly ca?: string | undefined;
  /** The client certificate. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** The name that the certificate of the server must have, if it is not that of its URL. */
  readonly servername?: string | undefined;
  readonly rejectUnauthorized?: boolean;
  /** URL of a proxy: http, https or socks5. */
  readonly proxy?: string | undefined;
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

  /** @throws if a certificate cannot be used, in a sentence */
  get(settings: DispatcherSettings): Dispatcher {
    if (this.#current && isDeepStrictEqual(settings, this.#settings)) return this.#current;
    const next = makeDispatcher(settings);
    if (this.#current) this.#retire(this.#current);
    this.#settings = settings;
    this.#current = next;
    return next;
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

function makeDispatcher({
  proxy,
  servername,
  rejectUnauthorized = true,
  ...certificates
}: DispatcherSettings): Dispatcher {
  const tls = { servername, rejectUnauthorized, secureContext: secureContextOf(certificates) };
  const common = {
    keepAliveTimeout: 30_000,
    // A connection a request: one that stalls holds up nothing else, and ends by its own time limit.
    allowH2: false,
  };
  const keepAlive = { keepAlive: true, keepAliveInitialDelay: 30_000 };
  if (!proxy) return new Agent({ ...common, connect: { ...tls, ...keepAlive } });
  const proxyTls = { secureContext: secureContextOf({}), ...keepAlive };
  return new ProxyAgent({ ...common, uri: proxy, requestTls: tls, proxyTls });
}

/** Made once for all connections: to read the authorities of a system takes longer than a handshake. */
function secureContextOf({ ca, cert, key }: Pick<DispatcherSettings, 'ca' | 'cert' | 'key'>): SecureContext {
  if (ca !== undefined && !ca.includes('-----BEGIN'))
    throw new Error('the certificate authority of the cluster is not PEM: it has no BEGIN CERTIFICATE line');
  try {
    return createSecureContext({ ca: ca ?? systemAuthorities(), cert, key });
  } catch (cause) {
    throw new Error(`the client certificate or its key cannot be used: ${messageOf(cause)}`, { cause });
  }
}

let systemCertificates: string[] | undefined;

/** As for kubectl, what the system trusts counts; Node.js' own list only where the system has none. */
function systemAuthorities(): string[] {
  if (!systemCertificates) {
    const system = getCACertificates('system');
    systemCertificates = [
      ...(system.length > 0 ? system : getCACertificates('bundled')),
      ...getCACertificates('extra'),
    ];
  }
  return systemCertificates;
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
