import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { isatty } from 'node:tty';
import type { Dispatcher } from 'undici';
import { systemClock } from '#base/clock.ts';
import { type Credential, type Credentials, fileCredentials, type Headers } from './credentials.ts';
import { DispatcherPool, type DispatcherSettings } from './dispatcher.ts';
import { type Context, pem, readContext } from './kubeconfig.ts';
import { proxyFor } from './proxy.ts';
import { credentialsOf } from './user-credentials.ts';

/** One API server, and how to reach it. */
export interface Connection {
  /** Base URL, which may have a path. */
  readonly server: string;
  /** Namespace of the context or of the pod. */
  readonly namespace: string | undefined;
  /**
   * What a request needs now: headers are fresh, the dispatcher is shared by all requests. Can take as long as a user takes
   * to log in.
   * @param rejected the one that the server answered with 401
   * @throws if there are no credentials, in a sentence
   */
  authorize(rejected?: Authorization): Promise<Authorization>;
  /** Ends all connections, and with them all requests. */
  close(): Promise<void>;
}

export interface Authorization {
  readonly headers: Headers;
  readonly dispatcher: Dispatcher;
  /** What the headers and the dispatcher are made from. */
  readonly credential?: Credential;
}

export interface ConnectOptions {
  /** Path of a kubeconfig file; goes before everything else. */
  readonly kubeconfig?: string;
  /** Context to use instead of the file's current one. */
  readonly context?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether an exec plugin may ask the user; by default where standard input is a terminal. */
  readonly isTerminal?: boolean;
  readonly clock?: typeof systemClock;
}

/**
 * Connects in the order of kubectl and controller-runtime: a file given by name, `$KUBECONFIG`, the pod's own service
 * account, `~/.kube/config`.
 *
 * @throws if there is none of these, or the one found is not usable.
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const { kubeconfig, context: name, env } = options;
  const given = kubeconfig ? [kubeconfig] : (env.KUBECONFIG ?? '').split(delimiter).filter(Boolean);
  if (given.length === 0 && env.KUBERNETES_SERVICE_HOST) return inCluster(env);
  const paths = given.length > 0 ? given : [join(env.HOME ?? homedir(), '.kube', 'config')];
  const files = paths.filter((path) => existsSync(path));
  if (files.length === 0)
    throw new Error(`no kubeconfig at ${paths.join(', ')}: name one with --kubeconfig or KUBECONFIG`);
  return ofContext(await readContext(files, files.join(delimiter), name), options);
}

function ofContext(
  context: Context,
  { env, isTerminal = isatty(0), clock = systemClock }: ConnectOptions,
): Connection {
  const { cluster, namespace } = context;
  const ca = pem(cluster.caFile, cluster.caData);
  return makeConnection({
    server: cluster.server,
    namespace,
    credentials: credentialsOf(context, { env, clock, isTerminal }),
    tls: {
      servername: cluster.tlsServerName,
      rejectUnauthorized: !cluster.skipTLSVerify,
    },
    authorities: () => ca,
    proxy: cluster.proxyUrl || proxyFor(new URL(cluster.server), env),
    clock,
  });
}

/** Connects as the service account of the pod, from the files that the kubelet keeps in `folder`. */
export function inCluster(
  env: ConnectOptions['env'],
  folder = '/var/run/secrets/kubernetes.io/serviceaccount',
  clock = systemClock,
): Connection {
  const host = env.KUBERNETES_SERVICE_HOST ?? '';
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${env.KUBERNETES_SERVICE_PORT ?? '443'}`;
  const read = (file: string): string => readFileSync(join(folder, file), 'utf8').trim();
  let ca = '';
  return makeConnection({
    server,
    namespace: read('namespace'),
    credentials: fileCredentials(() => {
      ca = read('ca.crt');
      return { headers: { authorization: `Bearer ${read('token')}` } };
    }, clock),
    tls: {},
    authorities: () => ca,
    proxy: proxyFor(new URL(server), env),
    clock,
  });
}

interface Endpoint {
  readonly server: string;
  readonly namespace: string | undefined;
  readonly credentials: Credentials;
  readonly tls: Pick<DispatcherSettings, 'servername' | 'rejectUnauthorized'>;
  /** PEM of the certificate authorities of the server; those of the system where there are none. */
  authorities(): string | undefined;
  readonly proxy: string | undefined;
  readonly clock: typeof systemClock;
}

function makeConnection({
  server,
  namespace,
  credentials,
  tls,
  authorities,
  proxy,
  clock,
}: Endpoint): Connection {
  const pool = new DispatcherPool(clock);
  return {
    server,
    namespace,
    async authorize(rejected) {
      const credential = await credentials.get(rejected?.credential);
      const { headers, cert, key } = credential;
      return { headers, dispatcher: pool.get({ ...tls, ca: authorities(), cert, key, proxy }), credential };
    },
    close: () => pool.close(),
  };
}
