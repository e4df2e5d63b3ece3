import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import * as z from 'zod';
import { messageOf } from './errors.ts';

// The format is that of https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/; which combinations are refused is
// what client-go refuses (tools/clientcmd/validation.go).

/** Go takes an empty text for one that is not set. */
const text = z
  .string()
  .nullish()
  .transform((value) => value || undefined);
const flag = z.boolean().nullish();
const list = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);
const named = <T extends z.ZodRawShape>(shape: T) => list(z.object({ name: z.string(), ...shape }));

const cluster = z.object({
  server: text,
  'tls-server-name': text,
  'insecure-skip-tls-verify': flag,
  'certificate-authority': text,
  'certificate-authority-data': text,
  'proxy-url': text,
  'disable-compression': flag,
  extensions: named({ extension: z.unknown() }),
});

const exec = z.object({
  command: text,
  args: list(z.string()),
  env: named({ value: z.string() }),
  apiVersion: text,
  installHint: text,
  provideClusterInfo: flag,
  interactiveMode: text,
});

const user = z.object({
  'client-certificate': text,
  'client-certificate-data': text,
  'client-key': text,
  'client-key-data': text,
  token: text,
  tokenFile: text,
  as: text,
  'as-uid': text,
  'as-groups': list(z.string()),
  'as-user-extra': z.record(z.string(), z.array(z.string())).nullish(),
  username: text,
  password: text,
  'auth-provider': z.object({ name: text }).nullish(),
  exec: exec.nullish(),
});

const kubeconfig = z.object({
  'current-context': text,
  clusters: named({ cluster }),
  contexts: named({ context: z.object({ cluster: text, user: text, namespace: text }) }),
  users: named({ user }),
});

export type Cluster = z.output<typeof cluster> & { readonly server: string };
export type User = z.output<typeof user>;
export type ExecConfig = z.output<typeof exec>;

/** What a context of kubeconfig files says. All paths are absolute. */
export interface Context {
  readonly cluster: Cluster;
  readonly user: User;
  readonly namespace: string | undefined;
}

/**
 * Reads the context `name` of kubeconfig files, or the current one, which is that of the first file that has one. Of entries
 * of one name that of the first file counts, whole, as for kubectl. Files that are not there are passed over.
 *
 * @throws if a file is no kubeconfig, no context is chosen, or the chosen one cannot be used: a sentence that says where
 */
export function readContext(files: readonly string[], where: string, name?: string): Context {
  const parts = files.filter((file) => existsSync(file)).map(readFile);
  const contexts = parts.flatMap((part) => part.contexts);
  const current = name ?? parts.map((part) => part['current-context']).find(Boolean);
  const choice =
    contexts.length > 0
      ? `: choose one of ${[...new Set(contexts.map((each) => each.name))].join(', ')} with --context`
      : '';
  if (!current) throw new Error(`${where}: has no current-context${choice}`);
  const context = contexts.find((each) => each.name === current)?.context;
  if (!context) throw new Error(`${where}: has no context "${current}"${choice}`);
  const found = parts.flatMap((part) => part.clusters).find((each) => each.name === context.cluster)?.cluster;
  if (!found)
    throw new Error(
      `${where}: context "${current}" names cluster "${context.cluster ?? ''}", which is not there`,
    );
  const user = parts.flatMap((part) => part.users).find((each) => each.name === context.user)?.user;
  if (context.user && !user)
    throw new Error(`${where}: context "${current}" names user "${context.user}", which is not there`);
  const problem = clusterProblem(found) ?? (user && userProblem(user));
  if (problem) throw new Error(`${where}: context "${current}": ${problem}`);
  return {
    cluster: { ...found, server: urlOf(found.server) },
    user: user ?? anonymous,
    namespace: context.namespace,
  };
}

/** PEM of a file, or of the base64 that stands in the kubeconfig. */
export const pem = (file: string | undefined, data: string | undefined): string | undefined =>
  data ? Buffer.from(data, 'base64').toString('utf8') : file && readFileSync(file, 'utf8');

const anonymous: User = user.parse({});

function readFile(path: string): z.output<typeof kubeconfig> {
  const unusable = (why: string, cause?: unknown): Error =>
    new Error(`${path} is no usable kubeconfig: ${why}`, { cause });
  const document = parseDocument(readText(path, unusable));
  // Behind the first line, the parser shows where it was; and what stands there may be a secret.
  const [error] = document.errors;
  if (error) throw unusable(error.message.split('\n', 1)[0] ?? '');
  // An empty file, as `kubectl config` leaves it, is one that says nothing.
  const parsed = kubeconfig.safeParse(document.toJS() ?? {});
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw unusable([issue?.path.join('.'), issue?.message].filter(Boolean).join(': '));
  }
  const beside = (file: string | undefined) => file && resolve(dirname(path), file);
  for (const { cluster } of parsed.data.clusters)
    cluster['certificate-authority'] = beside(cluster['certificate-authority']);
  for (const { user } of parsed.data.users) {
    for (const key of ['client-certificate', 'client-key', 'tokenFile'] as const)
      user[key] = beside(user[key]);
    // A command without a slash is looked for in PATH.
    if (user.exec?.command?.includes('/')) user.exec.command = beside(user.exec.command);
  }
  return parsed.data;
}

function readText(path: string, unusable: (why: string, cause: unknown) => Error): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw unusable(messageOf(cause), cause);
  }
}

/** A server without a scheme is one without TLS (client-go, rest.DefaultServerURL). */
const urlOf = (server = ''): string => (server.includes('://') ? server : `http://${server}`);

function clusterProblem(
  cluster: z.output<typeof kubeconfig>['clusters'][number]['cluster'],
): string | undefined {
  const ca = cluster['certificate-authority'] ?? cluster['certificate-authority-data'];
  if (!cluster.server) return 'its cluster has no server';
  if (!/^https?:$/.test(URL.parse(urlOf(cluster.server))?.protocol ?? ''))
    return `its cluster has the server "${cluster.server}": it must be a URL such as https://api.example:6443`;
  if (cluster['certificate-authority'] && cluster['certificate-authority-data'])
    return 'its cluster has both certificate-authority and certificate-authority-data: take one away';
  if (ca && cluster['insecure-skip-tls-verify'])
    return 'its cluster has insecure-skip-tls-verify beside a certificate authority: take one away';
  const proxy = cluster['proxy-url'];
  if (proxy && !/^(https?|socks5):\/\/./.test(proxy))
    return `its cluster has the proxy-url "${proxy}": it must begin with http://, https:// or socks5://`;
  return undefined;
}

function userProblem(user: User): string | undefined {
  const both = (a: keyof User, b: keyof User) =>
    user[a] && user[b] ? `its user has both ${a} and ${b}: take one away` : undefined;
  const certificate = user['client-certificate'] ?? user['client-certificate-data'];
  const key = user['client-key'] ?? user['client-key-data'];
  const isImpersonating = user['as-uid'] || user['as-groups'].length > 0 || user['as-user-extra'];
  return (
    both('client-certificate', 'client-certificate-data') ??
    both('client-key', 'client-key-data') ??
    both('token', 'username') ??
    both('token', 'password') ??
    (certificate && !key
      ? 'its user has a client certificate without client-key or client-key-data'
      : undefined) ??
    (isImpersonating && !user.as
      ? 'its user has as-uid, as-groups or as-user-extra without as'
      : undefined) ??
    (user['auth-provider']
      ? `its user has the auth-provider "${user['auth-provider'].name ?? ''}": use an exec plugin instead, such as kubelogin`
      : undefined) ??
    (user.exec ? execProblem(user.exec) : undefined)
  );
}

/** The versions of https://kubernetes.io/docs/reference/config-api/client-authentication.v1/ that kubectl knows. */
const execVersions = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];
const interactiveModes = ['Never', 'IfAvailable', 'Always'];

function execProblem({ command, apiVersion, interactiveMode }: ExecConfig): string | undefined {
  if (!command) return 'its user has an exec plugin without a command';
  if (!apiVersion || !execVersions.includes(apiVersion))
    return `its user has an exec plugin with the apiVersion "${apiVersion ?? ''}": it must be ${execVersions.join(' or ')}`;
  // In v1beta1 IfAvailable is the default, in v1 there is none.
  if (!interactiveMode && apiVersion === execVersions[1]) return undefined;
  if (!interactiveMode || !interactiveModes.includes(interactiveMode))
    return `its user has an exec plugin with the interactiveMode "${interactiveMode ?? ''}": it must be ${interactiveModes.join(', ')}`;
  return undefined;
}
