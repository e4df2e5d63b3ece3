import type { IncomingMessage } from 'node:http';

/** What a request asks for, as far as faults care. */
export interface Asked {
  readonly verb: 'get' | 'list' | 'watch' | 'write';
  /** Path without the query. */
  readonly path: string;
}

/** What becomes of one request on its way. */
export type Harm =
  /** Answered in the server's place, which is not asked. */
  | { readonly type: 'answer'; readonly code: number; readonly retryAfter?: number }
  /** The connection ends: before the server was asked, or after it acted and before its answer. */
  | { readonly type: 'reset'; readonly acted: boolean }
  /** No answer ever comes, though the connection stays; whether the server acted. */
  | { readonly type: 'hang'; readonly acted: boolean }
  | { readonly type: 'delay'; readonly ms: number }
  /** The body ends after so many bytes, as if it were whole or with the connection. */
  | { readonly type: 'cut'; readonly bytes: number; readonly clean: boolean }
  /** The answer begins, and then nothing more comes of it. */
  | { readonly type: 'mute' }
  /** A watch that is told at once, in an event, that its resourceVersion has expired. */
  | { readonly type: 'expire' };

export type Harming = (asked: Asked) => Harm | undefined;

export const harmless: Harming = () => undefined;

export function askedOf({ method, url = '/' }: IncomingMessage): Asked {
  const { pathname, searchParams } = new URL(url, 'http://any');
  if (method !== 'GET') return { verb: 'write', path: pathname };
  if (searchParams.has('watch')) return { verb: 'watch', path: pathname };
  return { verb: searchParams.has('limit') ? 'list' : 'get', path: pathname };
}

const reasons: Readonly<Record<number, string>> = {
  409: 'Conflict',
  410: 'Expired',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
};

/** The Status object that an API server sends with such a code. */
export const statusOf = (code: number): object => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: `a fault was put in here: ${code}`,
  reason: reasons[code],
  code,
});
