import { connect as connectTcp, isIP, type NetConnectOpts, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { type Range, type RemoteFile, rangeHeader } from './source.ts';

/** A GET that can be sent as it is written here. */
export interface PlainRequest {
  /** Protocol, host and port. */
  readonly origin: URL;
  /** Path and query as they go over the wire: a signature covers them, so nothing may rewrite them. */
  readonly path: string;
  /** Names in small letters; `host` and `range` are added. */
  readonly headers: Readonly<Record<string, string>>;
  /** Header of the answer that has the file's `etag`, in small letters. Default: `etag` or `last-modified`. */
  readonly versionHeader?: string;
}

/** Of each connection: it fills while what came before is written. */
const ringBytes = 1024 * 1024;
/** What is worth a write. */
const enoughBytes = ringBytes / 2;
/** Room for what still comes after reading stops: TLS hands on all that it has deciphered, wanted or not. */
const spareBytes = 128 * 1024;
const maxHeadBytes = 32 * 1024;

/**
 * Gets files, or ranges of them, over HTTP/1.1 into memory that is used again and again. The clients that know all of HTTP take new
 * memory for every 64 KiB that arrive, and spend more time on that than on the bytes.
 *
 * It understands one answer alone, which nearly all are: just the bytes that were asked for, in one piece, of the right
 * version. Any other it leaves to those clients.
 */
export class RangeClient {
  readonly #idle = new Map<string, Connection[]>();
  /** Origins that sent a file in another way: they would do so again. */
  readonly #unfit = new Set<string>();

  /**
   * Hands the bytes to `write`, whose promise it awaits before it uses the memory again. `onAlive` is called whenever
   * any arrive.
   * @returns false when the server answered otherwise; then nothing was handed on
   * @throws whatever the connection or `write` failed with
   */
  async get(
    { origin, path, headers, versionHeader }: PlainRequest,
    { file, range }: { file: RemoteFile; range: Range | undefined },
    signal: AbortSignal,
    write: (bytes: Uint8Array) => Promise<void>,
    onAlive: () => void = () => {},
  ): Promise<boolean> {
    const length = range ? range.end - range.start : file.size;
    if (length === undefined || length === 0 || this.#unfit.has(origin.origin)) return false;
    const part = range ? { range: rangeHeader(range) } : {};
    const all = { host: origin.host, ...part, ...headers };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
    if ([path, ...lines].some((line) => /[\r\n]/.test(line))) return false;
    const text = `GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
    const idle = this.#idle.get(origin.origin) ?? [];
    this.#idle.set(origin.origin, idle);
    const accepts = (head: string): boolean => isWanted(head, file, { length, range, versionHeader });
    for (;;) {
      const connection = idle.pop() ?? new Connection(origin);
      const result = await connection.exchange({ text, length, accepts, signal, write, onAlive });
      if (result === 'kept') idle.push(connection);
      else connection.close();
      if (result === 'unfit') this.#unfit.add(origin.origin);
      if (result !== 'stale') return result === 'kept' || result === 'closed';
    }
  }

  close(): void {
    for (const connection of [...this.#idle.values()].flat()) connection.close();
    this.#idle.clear();
  }
}

interface Wanted {
  readonly length: number;
  readonly range: Range | undefined;
  readonly versionHeader: string | undefined;
}

function isWanted(head: string, file: RemoteFile, { length, range, versionHeader }: Wanted): boolean {
  const [status = '', ...lines] = head.split('\r\n');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name = '', value = ''] = /^([^\s:]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    const key = name.toLowerCase();
    if (!key || (headers.has(key) && key.startsWith('content-'))) return false;
    headers.set(key, value);
  }
  const versions = versionHeader ? [versionHeader] : ['etag', 'last-modified'];
  return (
    status.split(' ', 2).join(' ') === `HTTP/1.1 ${range ? 206 : 200}` &&
    headers.get('content-range') === (range && `bytes ${range.start}-${range.end - 1}/${file.size}`) &&
    headers.get('content-length') === String(length) &&
    !headers.has('transfer-encoding') &&
    (headers.get('content-encoding') ?? 'identity') === 'identity' &&
    (!file.etag || versions.some((name) => headers.get(name) === file.etag))
  );
}

interface Exchange {
  readonly text: string;
  readonly length: number;
  readonly accepts: (head: string) => boolean;
  readonly signal: AbortSignal;
  readonly write: (bytes: Uint8Array) => Promise<void>;
  readonly onAlive: () => void;
}

/**
 * `kept`, `closed`: all came, and the connection can be used again or not. `stale`: it was of no use any more, and was
 * not asked. `unfit`: the file comes, but in another way. `other`: there is no file in the answer.
 */
type ExchangeResult = 'kept' | 'closed' | 'stale' | 'unfit' | 'other';

class Connection {
  readonly #socket: Socket;
  readonly #ring = Buffer.allocUnsafeSlow(ringBytes);
  /** Bytes that came, were handed on, and are done with since the beginning: each stands in the ring at its remainder. */
  #came = 0;
  #handed = 0;
  #done = 0;
  #used = false;
  #failure: Error | undefined;
  #wake = (): void => {};
  #onAlive = (): void => {};

  constructor({ protocol, hostname, port }: URL) {
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    const onread = {
      buffer: (): Uint8Array => this.#room(),
      callback: (count: number): boolean => this.#take(count),
    };
    const tls = { ALPNProtocols: ['http/1.1'], ...(isIP(host) ? {} : { servername: host }) };
    this.#socket =
      protocol === 'https:'
        ? connectTls({ host, port: Number(port || 443), onread, ...tls } as ConnectionOptions)
        : connectTcp({ host, port: Number(port || 80), onread } as NetConnectOpts);
    this.#socket.on('error', (error) => {
      this.#failure ??= error;
    });
    this.#socket.on('close', () => {
      this.#failure ??= new Error('the connection was cut');
      this.#wake();
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  async exchange({ text, length, accepts, signal, write, onAlive }: Exchange): Promise<ExchangeResult> {
    // What comes before anything was asked belongs to no answer.
    if (this.#came !== this.#handed) return 'stale';
    this.#onAlive = onAlive;
    const stop = (): void => void this.#socket.destroy(signal.reason);
    signal.throwIfAborted();
    signal.addEventListener('abort', stop);
    const reused = this.#used;
    this.#used = true;
    try {
      this.#socket.write(text);
      let answer = Buffer.alloc(0);
      let end = -1;
      while (end < 0) {
        if (answer.byteLength > maxHeadBytes) return 'other';
        const bytes = await this.#next(1);
        // A server may close a connection that waits just when it is used again.
        if (!bytes && reused && answer.byteLength === 0 && !signal.aborted) return 'stale';
        answer = Buffer.concat([answer, bytes ?? this.#cut()]);
        end = answer.indexOf('\r\n\r\n');
      }
      const head = answer.toString('latin1', 0, end);
      if (!accepts(head)) return /^HTTP\/1\.\d 2\d\d/.test(head) ? 'unfit' : 'other';
      let bytes: Uint8Array = answer.subarray(end + 4);
      for (let left = length; ; bytes = (await this.#next(Math.min(left, enoughBytes))) ?? this.#cut()) {
        if (bytes.byteLength > left) throw new Error('the server sent more than it said');
        await write(bytes);
        left -= bytes.byteLength;
        if (left === 0) return this.#isClean(head) ? 'kept' : 'closed';
      }
    } catch (error) {
      this.close();
      throw error;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** Whether the next answer can come over this connection. */
  #isClean(head: string): boolean {
    return this.#came === this.#handed && !/^connection:.*\bclose\b/im.test(head);
  }

  get #free(): number {
    return ringBytes - (this.#came - this.#done);
  }

  /** Where the next bytes go. */
  #room(): Uint8Array {
    const start = this.#came % ringBytes;
    const room = this.#free > spareBytes ? this.#free - spareBytes : this.#free;
    return this.#ring.subarray(start, start + room);
  }

  /** Counts what arrived; gives whether to read on. */
  #take(count: number): boolean {
    this.#came += count;
    this.#onAlive();
    this.#wake();
    if (this.#free === 0) this.#socket.destroy(new Error('more came than there is room for'));
    return this.#free > spareBytes;
  }

  /**
   * Bytes that came, once there are so many or the connection has ended; undefined after that. They stay as they are
   * until the next call: meanwhile the rest of the ring is filled.
   */
  async #next(min: number): Promise<Buffer | undefined> {
    this.#done = this.#handed;
    this.#socket.resume();
    while (this.#came - this.#handed < min && !this.#failure) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#came === this.#handed) return undefined;
    const start = this.#handed % ringBytes;
    const bytes = this.#ring.subarray(start, start + this.#came - this.#handed);
    this.#handed += bytes.byteLength;
    return bytes;
  }

  #cut(): never {
    throw this.#failure ?? new Error('the connection was cut');
  }
}
