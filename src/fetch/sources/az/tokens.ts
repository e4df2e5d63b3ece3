import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { type Advice, explain, permanent, retryable } from '../../errors.ts';
import type { HttpClient } from '../../http-client.ts';
import type { Identity } from './settings.ts';

const grant = z.object({ access_token: z.string(), expires_in: z.coerce.number() });
const refusal = z.object({ error: z.string(), error_description: z.string().default('') });

const advice: Advice = {
  Prompt: 'check AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET',
  Pod: 'check AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET in the Secret that spec.model.credentials names, or the federated credential of the ServiceAccount',
};
const unreachable: Advice = 'check AZURE_AUTHORITY_HOST, and the network';
/** What a download may still take when it has a token. */
const spareMs = 300_000;

/**
 * The token of an application, asked for when it is needed
 * (https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow).
 */
export class Tokens {
  readonly #client: HttpClient;
  readonly #identity: Identity;
  #token: string | undefined;
  #until = 0;

  constructor(client: HttpClient, identity: Identity) {
    this.#client = client;
    this.#identity = identity;
  }

  /** The header that says who asks; undefined before the first `refresh`. */
  get header(): string | undefined {
    return this.#token && `Bearer ${this.#token}`;
  }

  async refresh(where: string, signal: AbortSignal): Promise<void> {
    if (Date.now() < this.#until) return;
    const { authority, tenant, client } = this.#identity;
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: client,
      scope: 'https://storage.azure.com/.default',
      ...(await this.#proof()),
    });
    const url = new URL(`${authority}/${encodeURIComponent(tenant)}/oauth2/v2.0/token`);
    const answer = await this.#client.send(url, { where, form, advice: unreachable }, signal);
    const said: unknown = await answer.body.json().catch(() => undefined);
    const { data } = grant.safeParse(said);
    if (answer.statusCode === 200 && data) {
      this.#token = data.access_token;
      this.#until = Date.now() + data.expires_in * 1000 - spareMs;
      return;
    }
    const { error, error_description: text = '' } = refusal.safeParse(said).data ?? {};
    // Identifiers for Microsoft's own staff follow in lines of their own.
    const reason = [error, text.split(/\r?\n/, 1)[0]?.replace(/\.$/, '')].filter(Boolean).join(': ');
    const problem = `${where}: Microsoft Entra gives no token (${reason || answer.statusCode})`;
    throw answer.statusCode >= 500 ? retryable(problem) : permanent(problem, { advice });
  }

  async #proof(): Promise<Record<string, string>> {
    const { proof } = this.#identity;
    if ('secret' in proof) return { client_secret: proof.secret };
    // The kubelet writes a new one from time to time.
    const token = await readFile(proof.file, 'utf8').catch((error) => {
      throw explain(error, 'AZURE_FEDERATED_TOKEN_FILE');
    });
    return {
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: token.trim(),
    };
  }
}
