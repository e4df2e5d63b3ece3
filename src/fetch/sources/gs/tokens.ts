import { GoogleAuth } from 'google-auth-library';
import { type Advice, explain, permanent, retryable } from '../../errors.ts';
import type { GsSettings } from './settings.ts';

const scopes = 'https://www.googleapis.com/auth/devstorage.read_only';

export const noCredentials: Advice = {
  Prompt:
    'log in with "gcloud auth application-default login", or name the file of a credential in GOOGLE_APPLICATION_CREDENTIALS',
  Pod: "name a Secret with a service account's JSON in spec.model.credentials, or let the pod be one by Workload Identity",
};

/**
 * The headers that say who asks. What anybody may read is asked for without any: Google's library looks for an identity of the
 * machine for seconds where there is none.
 */
export class Tokens {
  readonly #auth: GoogleAuth;
  /** Whether no identity of the machine is looked for. */
  readonly #isAlone: boolean;
  /** Whether requests carry a token. */
  #isUsed: boolean;

  constructor({ credentials, isFileNamed, anonymous }: GsSettings) {
    this.#auth = new GoogleAuth({
      scopes,
      // No project matters here; unset, the library runs gcloud to learn one.
      projectId: '-',
      ...(credentials && { credentials }),
      clientOptions: { transporterOptions: { timeout: 10_000 } },
    });
    this.#isAlone = anonymous;
    this.#isUsed = (credentials !== undefined || isFileNamed) && !anonymous;
  }

  get isAnonymous(): boolean {
    return !this.#isUsed;
  }

  async headers(where: string, signal: AbortSignal): Promise<Record<string, string>> {
    return this.#isUsed ? this.#ask(where, signal) : {};
  }

  /** Whether a request that was refused has to be sent anew: now it has the identity of the machine, or of its user. */
  async find(where: string, signal: AbortSignal): Promise<boolean> {
    if (this.#isUsed || this.#isAlone) return false;
    const found = await this.#ask(where, signal).catch((error) => {
      if (isMissing(error.cause)) return undefined;
      throw error;
    });
    this.#isUsed = found !== undefined;
    return this.#isUsed;
  }

  async #ask(where: string, signal: AbortSignal): Promise<Record<string, string>> {
    const work = this.#auth.getRequestHeaders().catch((error) => {
      throw tokenError(error, where);
    });
    return Object.fromEntries(await abortable(work, signal));
  }
}

/** What Google's library says where it finds nothing, which has no code. */
const isMissing = (error: unknown): boolean =>
  error instanceof Error && /could not load the default credentials/i.test(error.message);

function tokenError(error: Error, where: string): Error {
  if (isMissing(error))
    return permanent(`${where}: there are no credentials of Google`, { advice: noCredentials, cause: error });
  const { response } = error as Error & { response?: { status?: number; data?: unknown } };
  const { error: code, error_description: text } = (response?.data ?? {}) as Record<string, unknown>;
  const said = [code, text].filter((part) => typeof part === 'string').join(': ');
  const problem = `${where}: Google gives no token (${said || error.message.replace(/\.$/, '')})`;
  const status = response?.status;
  if (status === undefined && 'code' in error) return explain(error, where);
  return status !== undefined && status >= 500
    ? retryable(problem, { cause: error })
    : permanent(problem, {
        advice: 'check the credential: its key may be revoked, or its account deleted',
        cause: error,
      });
}

/** The library's requests take no signal. */
async function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const ended = Promise.withResolvers<never>();
  const stop = (): void => ended.reject(signal.reason);
  signal.throwIfAborted();
  signal.addEventListener('abort', stop);
  try {
    return await Promise.race([work, ended.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
