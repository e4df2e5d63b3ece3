import { createHmac } from 'node:crypto';
import type { Said } from '../../http-client.ts';

/** The headers that a signature covers by their places. */
const covered = [
  ...['content-encoding', 'content-language', 'content-length', 'content-md5', 'content-type', 'date'],
  ...['if-modified-since', 'if-match', 'if-none-match', 'if-unmodified-since', 'range'],
];

/**
 * The signature of a request by the key of an account
 * (https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key).
 */
export function sharedKey(account: string, key: Buffer, url: URL, { method, headers }: Said): string {
  const own = Object.entries(headers).filter(([name]) => name.startsWith('x-ms-'));
  const text = [
    method,
    ...covered.map((name) => headers[name] ?? ''),
    ...sorted(own),
    `/${account}${url.pathname}`,
    ...sorted([...url.searchParams]),
  ].join('\n');
  return `SharedKey ${account}:${createHmac('sha256', key).update(text).digest('base64')}`;
}

const sorted = (pairs: readonly (readonly [string, string])[]): string[] =>
  pairs.map(([name, value]) => `${name}:${value}`).sort();
