import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '#base/clock.ts';

/** What identifies the caller to the API server: headers, a client certificate, or both. */
export interface Credential {
  readonly headers: Headers;
  /** PEM. */
  readonly cert?: string;
  readonly key?: string;
}

/** A header with several values is sent several times. */
export type Headers = Readonly<Record<string, string | string[]>>;

export interface Credentials {
  /**
   * The credential for the next request. Can take as long as a user takes to log in.
   * @param rejected the one that the server answered with 401: a newer one is given, if there is one
   * @throws if there is none, in a sentence
   */
  get(rejected?: Credential): Promise<Credential>;
}

/** How long what a file says is used before it is read again, as in client-go: the kubelet renews a token long before it expires. */
const rereadMs = 60_000;

/**
 * Credentials that `read` makes from files that another process renews. A file that cannot be read later on leaves the
 * credential as it is.
 */
export function fileCredentials(read: () => Credential, clock: Clock): Credentials {
  let current: Credential | undefined;
  let until = Number.NEGATIVE_INFINITY;
  return {
    async get(rejected) {
      if (current && current !== rejected && clock.monotonic() < until) return current;
      try {
        const next = read();
        // The same content is the same credential, or one that was rejected would be tried again.
        if (!isDeepStrictEqual(next, current)) current = next;
      } catch (error) {
        if (!current) throw error;
      }
      until = clock.monotonic() + rereadMs;
      return current as Credential;
    },
  };
}

/** The same credentials with more headers. */
export function withHeaders(credentials: Credentials, headers: Headers): Credentials {
  if (Object.keys(headers).length === 0) return credentials;
  const inner = new WeakMap<Credential, Credential>();
  const outer = new WeakMap<Credential, Credential>();
  return {
    async get(rejected) {
      const credential = await credentials.get(rejected && inner.get(rejected));
      const known = outer.get(credential) ?? {
        ...credential,
        headers: { ...credential.headers, ...headers },
      };
      outer.set(credential, known);
      inner.set(known, credential);
      return known;
    },
  };
}
