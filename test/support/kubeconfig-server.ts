import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo, connect, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { issue } from '../kube/certificates.ts';

/** What a server was shown by the client that got its answer. */
export interface Shown {
  readonly authorization?: string | undefined;
  /** Headers of impersonation, as they were sent. */
  readonly impersonate: readonly string[];
  /** Common name of the client certificate. */
  readonly certificate?: string | undefined;
  /** The name that TLS was asked for. */
  readonly servername?: string | undefined;
  /** What a proxy was asked for. */
  readonly proxied?: string | undefined;
}

/** How a client ended, and what was shown on its way. */
export interface Outcome {
  readonly ok: boolean;
  readonly shown: readonly Shown[];
}

/**
 * An API server with and without TLS that notes what it is shown, and a proxy that leads to it whatever it is asked for. Its
 * folder has `ca.crt` and `ca.key` of its authority, and `client.crt` and `client.key` that this signed.
 */
export async function kubeconfigServer() {
  const folder = await mkdtemp(join(tmpdir(), 'kubeconfig-server-'));
  const at = (file: string) => join(folder, file);
  await issue(folder, 'ca');
  const names = 'DNS:localhost,DNS:api.example,DNS:other.example,IP:127.0.0.1,IP:0.0.0.0';
  await issue(folder, 'server', { by: 'ca', names });
  await issue(folder, 'client', { by: 'ca' });
  const shown: Shown[] = [];
  let proxied: string | undefined;
  const answer: RequestListener = (request, response) => {
    shown.push({ ...whatIsShown(request), proxied });
    response.setHeader('content-type', 'application/json');
    response.end('{"gitVersion":"v1"}');
  };
  const tls = {
    cert: await readFile(at('server.crt')),
    key: await readFile(at('server.key')),
    ca: await readFile(at('ca.crt')),
    requestCert: true,
    rejectUnauthorized: false,
  };
  const secure = await listening(createServer(tls, answer));
  const plain = await listening(createHttpServer(answer));
  const proxy = await listening(
    createHttpServer((request, response) => {
      proxied = `${request.method} ${new URL(request.url ?? '').host} ${request.headers['proxy-authorization'] ?? ''}`;
      answer(request, response);
    }).on('connect', (request, socket, head) => {
      proxied = `CONNECT ${request.url} ${request.headers['proxy-authorization'] ?? ''}`;
      const upstream = connect(secure.port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.write(head);
        upstream.pipe(socket).pipe(upstream);
      });
      for (const end of [upstream, socket]) end.on('error', () => {});
    }),
  );
  return {
    folder,
    ports: { secure: secure.port, plain: plain.port, proxy: proxy.port },
    /** Runs a client to its end, with a kubeconfig in the folder of the server. */
    async outcome(client: Client, { file, env = {} }: Try): Promise<Outcome> {
      shown.length = 0;
      proxied = undefined;
      await writeFile(at('config'), JSON.stringify(file));
      const child = client(at('config'), { PATH: process.env.PATH, HOME: folder, ...env });
      const [code] = await once(child, 'close');
      return { ok: code === 0, shown: [...shown] };
    },
    async [Symbol.asyncDispose]() {
      for (const { server } of [secure, plain, proxy]) server.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** A kubeconfig, and the environment in which a client reads it. */
export interface Try {
  readonly file: object;
  readonly env?: Readonly<Record<string, string>>;
}

type Client = (kubeconfig: string, env: Record<string, string | undefined>) => ChildProcess;

const stdio = 'ignore';

/** `kubectl` asks for the version of the server. */
export const kubectlClient =
  (program: string): Client =>
  (kubeconfig, env) =>
    spawn(program, [`--kubeconfig=${kubeconfig}`, '--request-timeout=5s', 'get', '--raw', '/version'], {
      env,
      stdio,
    });

/** Our client does the same, in a process of its own, which reads the environment as it starts. */
export const ourClient: Client = (kubeconfig, env) =>
  spawn(process.execPath, [join(import.meta.dirname, 'kubeconfig-client.ts'), kubeconfig], {
    env,
    stdio,
  });

function whatIsShown({ headers, rawHeaders, socket }: IncomingMessage): Shown {
  const { getPeerCertificate, servername } = socket as TLSSocket & { servername?: string };
  const pairs = rawHeaders.flatMap((name, index) =>
    index % 2 === 0 ? [`${name.toLowerCase()}: ${rawHeaders[index + 1]}`] : [],
  );
  return {
    authorization: headers.authorization,
    impersonate: pairs.filter((header) => header.startsWith('impersonate-')).sort(),
    certificate: getPeerCertificate?.call(socket).subject?.CN as string | undefined,
    servername: servername || undefined,
  };
}

async function listening<T extends Server>(
  server: T,
): Promise<{ readonly server: T; readonly port: number }> {
  await new Promise<void>((resolve) => server.listen(0, resolve));
  return { server, port: (server.address() as AddressInfo).port };
}
