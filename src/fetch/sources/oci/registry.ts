import * as z from 'zod';
import { parsedJson } from '#base/json.ts';
import { type Advice, type FetchError, permanent, retryAfter, statusError } from '../../errors.ts';
import { discard, type HttpAnswer, HttpClient, type HttpRequest } from '../../http-client.ts';

const rights: Advice = {
  Prompt:
    'check the URI, and log in with docker login, or give what it writes into its config.json in DOCKER_AUTH_CONFIG',
  Pod: 'check the URI, and name a Secret in spec.model.credentials whose key DOCKER_AUTH_CONFIG has what docker login writes into its config.json',
};
export const unreachable: Advice = 'check the registry in the URI, and the network to it';

/** A token may be revoked, or run out, between its grant and its use. */
const maxTries = 3;

const grant = z.object({ token: z.string().optional(), access_token: z.string().optional() });
const errors = z.object({
  errors: z.array(z.object({ code: z.string(), message: z.string().default('') })).min(1),
});

/**
 * A registry by the OCI distribution API, and its way to grant tokens
 * (https://distribution.github.io/distribution/spec/auth/token/). No other host hears of the credentials but the one that the
 * registry names for tokens.
 */
export class Registry {
  readonly client: HttpClient;
  readonly #origin: string;
  readonly #shown: string;
  readonly #basic: string | undefined;
  #authorization: string | undefined;
  #realm: URL | undefined;

  constructor(url: URL, shown: string, credentials: string | undefined) {
    this.#origin = url.origin;
    this.#shown = shown;
    this.#basic = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`;
    this.client = new HttpClient((at) => {
      if (at.href === this.#realm?.href) return this.#basic;
      return at.origin === this.#origin ? this.#authorization : undefined;
    });
  }

  /** Sends a request, with a token that is asked for when the registry wants one, or takes the one before no more. */
  readonly send = async (url: URL, request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> => {
    for (let tries = 1; ; tries++) {
      const before = this.#authorization;
      const answer = await this.client.send(url, request, signal);
      const challenge = String(answer.headers['www-authenticate'] ?? '');
      if (answer.statusCode !== 401 || answer.url.origin !== this.#origin || tries === maxTries)
        return answer;
      // Another part may have got a new one meanwhile.
      if (this.#authorization === before && !(await this.#logIn(challenge, signal))) return answer;
      discard(answer);
    }
  };

  /** @returns false where there is nothing to log in with */
  async #logIn(challenge: string, signal: AbortSignal): Promise<boolean> {
    const [, scheme = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(challenge) ?? [];
    if (scheme.toLowerCase() === 'basic') {
      const isNew = this.#authorization !== this.#basic;
      this.#authorization = this.#basic;
      return isNew;
    }
    const values = Object.fromEntries(
      [...rest.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]),
    );
    const { realm = '', service, scope } = values;
    if (scheme.toLowerCase() !== 'bearer' || !URL.canParse(realm)) return false;
    const url = new URL(realm);
    if (url.protocol !== 'https:' && !this.#origin.startsWith('http:'))
      throw permanent(
        `${this.#shown}: the registry has its tokens granted by http, which others can read: use another registry.`,
      );
    if (service) url.searchParams.set('service', service);
    if (scope) url.searchParams.set('scope', scope);
    this.#realm = url;
    const answer = await this.client.send(url, { where: this.#shown, advice: unreachable }, signal);
    if (answer.statusCode !== 200) throw await this.failure(this.#shown, answer);
    const { data } = grant.safeParse(await answer.body.json().catch(() => undefined));
    const token = data?.token ?? data?.access_token;
    if (!token) throw permanent(`${this.#shown}: the registry grants no token: check the URI.`);
    this.#authorization = `Bearer ${token}`;
    return true;
  }

  /** The failure behind an answer, with the registry's own words. */
  async failure(where: string, { statusCode: status, headers, body }: HttpAnswer): Promise<FetchError> {
    const text = await body.text().catch(() => '');
    const [first] = errors.safeParse(parsedJson(text)).data?.errors ?? [];
    return statusError(where, {
      status,
      code: first?.code,
      message: first?.message,
      retryAfterMs: retryAfter(headers['retry-after'], Date.now()),
      rights,
    });
  }

  close(): void {
    this.client.close();
  }
}
