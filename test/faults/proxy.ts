import { EventEmitter, once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, type Server, request as send } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { type Asked, askedOf, type Harm, type Harming, harmless, statusOf } from './harm.ts';

const patienceMs = 3000;

export interface ProxyOptions {
  /** Base URL of the API server. */
  readonly server: string;
  /** PEM: of the API server, and of this proxy in its place. */
  readonly certificate: string;
  readonly key: string;
}

/** Stands between an operator and the API server, and does harm to the requests that it is told to. */
export class FaultProxy implements AsyncDisposable {
  /** Asked for each request. */
  harming: Harming = harmless;
  /** Turns every new connection away. */
  refusing = false;
  /** All requests that came, and how many of them took harm. */
  requests = 0;
  harmed = 0;
  /** Each write that came, by its path. */
  readonly writes: string[] = [];
  readonly #options: ProxyOptions;
  readonly #agent: Agent;
  readonly #server: Server;
  readonly #events = new EventEmitter();
  readonly #sockets = new Set<Socket>();
  /** Of each watch that is open, what silences it. */
  readonly #watches = new Map<() => void, string>();

  private constructor(options: ProxyOptions) {
    this.#options = options;
    this.#agent = new Agent({ ca: options.certificate, keepAlive: true });
    this.#server = createServer({ cert: options.certificate, key: options.key });
    this.#server.on('connection', (socket: Socket) => {
      if (this.refusing) {
        this.#note();
        return void socket.destroy();
      }
      this.#sockets.add(socket.on('error', () => {}).once('close', () => this.#sockets.delete(socket)));
    });
    this.#server.on('tlsClientError', () => {});
    this.#server.on('request', (request, response) => this.#serve(request, response));
  }

  static async open(options: ProxyOptions): Promise<FaultProxy> {
    const proxy = new FaultProxy(options);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get url(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Resolves at the next write of a Lease: of an operator that does not lead, the one that makes it the leader. */
  async leads(signal: AbortSignal): Promise<void> {
    const leases = () => this.writes.filter((path) => path.includes('/leases/')).length;
    const before = leases();
    while (leases() === before) await once(this.#events, 'write', { signal });
  }

  /** Resolves at the next such write. */
  async work(signal: AbortSignal): Promise<void> {
    const before = this.worked;
    while (this.worked === before) await once(this.#events, 'write', { signal });
  }

  /** Writes to something else than a Lease, or an Event: one of what was done before may be under way. */
  get worked(): number {
    return this.writes.filter((path) => !/\/(leases|events)\b/.test(path)).length;
  }

  /** Resolves once so many more requests have taken harm, or after a while: there may be none to come. */
  async harms(count: number): Promise<void> {
    const enough = this.harmed + count;
    const patience = AbortSignal.timeout(patienceMs);
    while (this.harmed < enough && !patience.aborted)
      await once(this.#events, 'harm', { signal: patience }).catch(() => {});
  }

  /** Cuts every connection that is open. */
  cut(): void {
    this.harmed += this.#watches.size;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** From now on nothing more comes of the watches of a resource that are open, or of all; their connections stay. */
  mute(plural = ''): void {
    for (const [mute, path] of this.#watches) {
      if (!path.endsWith(plural)) continue;
      this.harmed += 1;
      mute();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    this.#agent.destroy();
    await closed;
  }

  #note(): void {
    this.harmed += 1;
    this.#events.emit('harm');
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const asked = askedOf(request);
    this.requests += 1;
    if (asked.verb === 'write') {
      this.writes.push(asked.path);
      this.#events.emit('write');
    }
    const harm = this.harming(asked);
    if (harm) this.#note();
    request.on('error', () => {});
    response.on('error', () => {});
    const forward = (): void => this.#forward(request, response, asked, harm);
    if (harm?.type === 'answer') answer(response, harm);
    else if (harm?.type === 'expire') expire(response);
    else if (harm?.type === 'delay') {
      const timer = setTimeout(forward, harm.ms);
      response.once('close', () => clearTimeout(timer));
    } else if (harm?.type === 'reset' && !harm.acted) response.destroy();
    else if (harm?.type !== 'hang' || harm.acted) forward();
  }

  #forward(request: IncomingMessage, response: ServerResponse, asked: Asked, harm: Harm | undefined): void {
    const { method, url = '/', headers } = request;
    const { host: _, connection: __, ...passed } = headers;
    const to = new URL(url, this.#options.server);
    const asking = send(to, { method, headers: passed, agent: this.#agent }, (answered) => {
      if (harm?.type === 'reset') return void response.destroy();
      if (harm?.type === 'hang') return void answered.resume();
      this.#pass(answered, response, asked, harm);
    });
    // What the server did not answer shall look here as it does without a proxy.
    asking.on('error', () => response.destroy());
    response.once('close', () => asking.destroy());
    request.pipe(asking);
  }

  #pass(answered: IncomingMessage, response: ServerResponse, asked: Asked, harm: Harm | undefined): void {
    const { connection: _, 'keep-alive': __, 'transfer-encoding': ___, ...headers } = answered.headers;
    response.writeHead(answered.statusCode ?? 502, headers);
    response.flushHeaders();
    let muted = harm?.type === 'mute';
    let left = harm?.type === 'cut' ? harm.bytes : Number.POSITIVE_INFINITY;
    answered.on('data', (chunk: Buffer) => {
      if (muted) return;
      response.write(chunk.subarray(0, left));
      left -= chunk.length;
      if (left > 0 || harm?.type !== 'cut') return;
      muted = true;
      if (harm.clean && asked.verb === 'watch') response.end();
      else response.socket?.end(() => response.destroy());
    });
    answered.on('end', () => muted || response.end());
    answered.on('error', () => muted || response.destroy());
    if (asked.verb !== 'watch') return;
    const mute = (): void => {
      muted = true;
    };
    this.#watches.set(mute, asked.path);
    response.once('close', () => this.#watches.delete(mute));
  }
}

function answer(response: ServerResponse, { code, retryAfter }: { code: number; retryAfter?: number }): void {
  const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  response.writeHead(code, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(statusOf(code)));
}

function expire(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify({ type: 'ERROR', object: statusOf(410) })}\n`);
}
