import { type Dispatcher, EnvHttpProxyAgent, request } from 'undici';
import { shownUrl } from '#sources/https.ts';
import { explain, permanent } from './errors.ts';
import { hasProxy } from './settings.ts';

export interface HttpRequest {
  /** For sentences. */
  readonly where: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Asks for the headers alone. */
  readonly isHead?: boolean;
  /** What is posted, as a form; unset for a GET. */
  readonly form?: URLSearchParams;
  /** What to check where no server is reached. */
  readonly advice?: Parameters<typeof explain>[2];
}

export interface HttpAnswer extends Dispatcher.ResponseData {
  /** Where the redirects led. */
  readonly url: URL;
}

const redirects = [301, 302, 303, 307, 308];
const maxRedirects = 10;

/** What a request says, which a signature may cover. */
export interface Said {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Asks web servers and follows their redirects. `authorizationFor` gives the credentials for a URL, of which other hosts must
 * not hear.
 */
export class HttpClient {
  /** Whether requests may have to go through a proxy. */
  readonly isProxied = hasProxy(process.env);
  // The reader limits silence, for all sources alike. One HTTP/2 connection would carry all parts, and be slower.
  readonly #dispatcher = new EnvHttpProxyAgent({ headersTimeout: 0, bodyTimeout: 0, allowH2: false });
  readonly #authorizationFor: (url: URL, said: Said) => string | undefined;

  constructor(authorizationFor: (url: URL, said: Said) => string | undefined) {
    this.#authorizationFor = authorizationFor;
  }

  async send(
    url: URL,
    { where, headers, form, isHead, advice }: HttpRequest,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    const method = form ? 'POST' : isHead ? 'HEAD' : 'GET';
    const type = form && { 'content-type': 'application/x-www-form-urlencoded' };
    let at = url;
    for (let hop = 0; hop <= maxRedirects; hop++) {
      const answer = await request(at, {
        method,
        ...(form && { body: form.toString() }),
        dispatcher: this.#dispatcher,
        signal,
        headers: this.headersFor(at, { ...type, ...headers }, method),
      }).catch((error) => {
        signal.throwIfAborted();
        throw explain(error, where, advice);
      });
      if (!redirects.includes(answer.statusCode)) return Object.assign(answer, { url: at });
      discard(answer);
      at = follow(at, answer.headers.location, where);
    }
    throw permanent(
      `${where}: more than ${maxRedirects} redirects follow each other: name the file's own URL.`,
    );
  }

  /** All headers of a request that go to a URL. */
  headersFor(
    url: URL,
    headers: Readonly<Record<string, string>> = {},
    method = 'GET',
  ): Record<string, string> {
    const all = { 'accept-encoding': 'identity', 'user-agent': 'dormouse', ...headers };
    const authorization = this.#authorizationFor(url, { method, headers: all });
    return authorization ? { ...all, authorization } : all;
  }

  close(): void {
    void this.#dispatcher.destroy();
  }
}

/** Ends an answer whose body nobody reads. */
export function discard({ body }: Pick<Dispatcher.ResponseData, 'body'>): void {
  body.on('error', () => {}).destroy();
}

function follow(from: URL, location: unknown, where: string): URL {
  if (typeof location !== 'string' || !URL.canParse(location, from.href)) {
    throw permanent(`${where}: the server redirects to nowhere: name the file's own URL.`);
  }
  const to = new URL(location, from);
  if (to.protocol !== 'https:' && to.protocol !== from.protocol) {
    throw permanent(
      `${where}: the server redirects from ${from.protocol}// to ${shownUrl(to)}, which is not followed: name an https URL.`,
    );
  }
  return to;
}
