import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import * as z from 'zod';
import type { Clock } from '#base/clock.ts';
import { parsedJson } from '#base/json.ts';
import type { Credential, Credentials } from './credentials.ts';
import { type Cluster, type ExecConfig, pem } from './kubeconfig.ts';

export interface ExecOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Whether standard input is a terminal, at which a user can answer. */
  readonly isTerminal: boolean;
}

/** How long a user may take to log in. */
const interactiveMs = 10 * 60_000;
const timeoutMs = 60_000;

/** https://kubernetes.io/docs/reference/config-api/client-authentication.v1/ */
const execCredential = z.object({
  apiVersion: z.string(),
  kind: z.literal('ExecCredential'),
  status: z.object({
    token: z.string().nullish(),
    clientCertificateData: z.string().nullish(),
    clientKeyData: z.string().nullish(),
    expirationTimestamp: z.string().nullish(),
  }),
});

/**
 * Credentials that a program gives, as client-go asks it: once for all requests that wait, again when they have expired or
 * the server answered 401.
 * https://github.com/kubernetes/client-go/blob/master/plugin/pkg/client/auth/exec/exec.go
 */
export class ExecCredentials implements Credentials {
  readonly #config: ExecConfig;
  readonly #cluster: Cluster;
  readonly #options: ExecOptions;
  #current: { readonly credential: Credential; readonly expiresAt: number } | undefined;
  #running: Promise<Credential> | undefined;

  constructor(config: ExecConfig, cluster: Cluster, options: ExecOptions) {
    this.#config = config;
    this.#cluster = cluster;
    this.#options = options;
  }

  get(rejected?: Credential): Promise<Credential> {
    const current = this.#current;
    if (current && current.credential !== rejected && this.#options.clock.now() <= current.expiresAt)
      return Promise.resolve(current.credential);
    this.#running ??= this.#refresh().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #refresh(): Promise<Credential> {
    const { credential, expiresAt } = this.#read(await this.#run());
    this.#current = { credential, expiresAt };
    return credential;
  }

  /** What the program wrote to its standard output. */
  async #run(): Promise<string> {
    const { command = '', args, env: variables, apiVersion, provideClusterInfo } = this.#config;
    const interactive = this.#isInteractive();
    const spec = { ...(provideClusterInfo && { cluster: this.#clusterInfo() }), interactive };
    const env = {
      ...this.#options.env,
      ...Object.fromEntries(variables.map(({ name, value }) => [name, value])),
      KUBERNETES_EXEC_INFO: JSON.stringify({ kind: 'ExecCredential', apiVersion, spec }),
    };
    // The user sees what the program says: a code to type in, or why it failed.
    const child = spawn(command, args, {
      env,
      stdio: [interactive ? 'inherit' : 'ignore', 'pipe', 'inherit'],
    });
    const output = text(child.stdout);
    let isLate = false;
    const cancel = this.#options.clock.after(interactive ? interactiveMs : timeoutMs, () => {
      isLate = child.kill();
    });
    try {
      const [code, signal] = await once(child, 'close');
      if (isLate) throw this.#error('did not end in time');
      if (code !== 0) throw this.#error(`failed with ${signal ?? `exit code ${code}`}`);
      return await output;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT')
        throw this.#error(`is not there${this.#hint()}`);
      throw error;
    } finally {
      cancel();
    }
  }

  #isInteractive(): boolean {
    const { interactiveMode = 'IfAvailable' } = this.#config;
    const { isTerminal } = this.#options;
    if (interactiveMode === 'Always' && !isTerminal)
      throw this.#error('asks the user (interactiveMode Always), and standard input is no terminal');
    return isTerminal && interactiveMode !== 'Never';
  }

  #clusterInfo(): object {
    const { server, caFile, caData, tlsServerName, skipTLSVerify, proxyUrl, extensions, ...more } =
      this.#cluster;
    const ca = pem(caFile, caData);
    const config = extensions.find(({ name }) => name === 'client.authentication.k8s.io/exec')?.extension;
    return {
      server,
      'tls-server-name': tlsServerName,
      'insecure-skip-tls-verify': skipTLSVerify || undefined,
      'certificate-authority-data': ca && Buffer.from(ca).toString('base64'),
      'proxy-url': proxyUrl,
      'disable-compression': more['disable-compression'] || undefined,
      config,
    };
  }

  #read(output: string): { readonly credential: Credential; readonly expiresAt: number } {
    const parsed = execCredential.safeParse(parsedJson(output));
    // What it wrote may hold a secret, and is not repeated.
    if (!parsed.success) throw this.#error('wrote no ExecCredential with a status to its standard output');
    const { apiVersion, status } = parsed.data;
    if (apiVersion !== this.#config.apiVersion)
      throw this.#error(`answered in ${apiVersion}, and the kubeconfig names ${this.#config.apiVersion}`);
    const { token, clientCertificateData: cert, clientKeyData: key, expirationTimestamp } = status;
    if (!cert !== !key) throw this.#error('gave a client certificate or its key, and not both');
    if (!token && !cert) throw this.#error('gave neither a token nor a client certificate');
    return {
      credential: {
        headers: token ? { authorization: `Bearer ${token}` } : {},
        ...(cert && key && { cert, key }),
      },
      expiresAt: expirationTimestamp ? Date.parse(expirationTimestamp) : Number.POSITIVE_INFINITY,
    };
  }

  /** As the kubeconfig's author wrote it, without control characters: it goes to a terminal. */
  #hint(): string {
    const { installHint } = this.#config;
    return installHint ? `: ${installHint.replaceAll(/[^\P{C}\n\t]/gu, '').trim()}` : '';
  }

  #error(what: string): Error {
    return new Error(`the exec plugin "${this.#config.command}" of the kubeconfig ${what}`);
  }
}
