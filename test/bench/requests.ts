import { createReadStream } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** How often each user asked what: `verb resource/subresource`. */
export type Counts = ReadonlyMap<string, number>;

/** Counts the requests that an API server has answered, by its own account: the audit log. */
export class Requests {
  readonly #path: string;
  readonly #users = new Map<string, Map<string, number>>();
  #offset = 0;

  constructor(auditLog: string) {
    this.#path = auditLog;
  }

  /** All requests of a user until now but its watches and what keeps its lease. */
  async of(user: string): Promise<Counts> {
    await this.#read();
    return new Map(this.#users.get(user));
  }

  /** Waits until a user has asked for nothing for some seconds, and gives its counts. */
  async settled(user: string, signal: AbortSignal, seconds = 3): Promise<Counts> {
    let counts = await this.of(user);
    for (let quiet = 0; quiet < seconds; quiet += 1) {
      await delay(1000, undefined, { signal });
      const next = await this.of(user);
      if (total(since(counts, next)) > 0) quiet = -1;
      counts = next;
    }
    return counts;
  }

  /** Waits until the cluster has next to nothing to do. */
  async quiet(signal: AbortSignal): Promise<void> {
    for (let quiet = 0; quiet < 3; quiet += 1) {
      const before = await this.#all();
      await delay(1000, undefined, { signal });
      if ((await this.#all()) - before > 10) quiet = -1;
    }
  }

  async #all(): Promise<number> {
    await this.#read();
    return [...this.#users.values()].reduce((sum, counts) => sum + total(counts), 0);
  }

  async #read(): Promise<void> {
    const stream = createReadStream(this.#path, { start: this.#offset, encoding: 'utf8' });
    let rest = '';
    for await (const chunk of stream) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        this.#offset += Buffer.byteLength(line) + 1;
        this.#count(JSON.parse(line));
      }
    }
  }

  #count({ stage, verb, user, objectRef, requestURI }: AuditEvent): void {
    if (stage !== 'ResponseComplete' || verb === 'watch' || objectRef?.resource === 'leases') return;
    const { resource = requestURI, subresource } = objectRef ?? {};
    const what = `${verb} ${resource}${subresource ? `/${subresource}` : ''}`;
    const counts = this.#users.get(user.username) ?? new Map<string, number>();
    this.#users.set(user.username, counts.set(what, (counts.get(what) ?? 0) + 1));
  }
}

interface AuditEvent {
  readonly stage: string;
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly requestURI: string;
  readonly objectRef?: { readonly resource?: string; readonly subresource?: string };
}

/** What came between two counts. */
export function since(before: Counts, after: Counts): Counts {
  const more = [...after].map(([what, count]) => [what, count - (before.get(what) ?? 0)] as const);
  return new Map(more.filter(([, count]) => count > 0));
}

export const total = (counts: Counts): number => [...counts.values()].reduce((sum, count) => sum + count, 0);

const isRead = (what: string): boolean => /^(get|list) /.test(what);

export const reads = (counts: Counts): Counts => new Map([...counts].filter(([what]) => isRead(what)));

export const writes = (counts: Counts): Counts => new Map([...counts].filter(([what]) => !isRead(what)));
