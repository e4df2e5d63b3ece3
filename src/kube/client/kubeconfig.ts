import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import type {
  Cluster as ParsedCluster,
  User as ParsedUser,
} from '@kubernetes/client-node/dist/config_types.js';
import { parse } from 'yaml';
import * as z from 'zod';
import { messageOf } from './errors.ts';

// The format is that of https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/, and client-node parses it. It leaves
// some fields out, which are read here. Which combinations are refused is what client-go refuses
// (tools/clientcmd/validation.go).

/** Go takes an empty text for one that is not set. */
const text = z
  .string()
  .nullish()
  .transform((value) => value || undefined);
const list = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);

const exec = z.object({
  command: text,
  args: list(z.string()),
  env: list(z.object({ name: z.string(), value: z.string() })),
  apiVersion: text,
  installHint: text,
  provideClusterInfo: z.boolean().nullish(),
  interactiveMode: text,
});

/** What client-node leaves out of a cluster. */
const clusterRest = z.object({
  'disable-compression': z.boolean().nullish(),
  extensions: list(z.object({ name: z.string(), extension: z.unknown() })),
});

/** What client-node leaves out of a user, or does not look into. */
const userRest = z.object({
  tokenFile: text,
  'as-uid': text,
  'as-groups': list(z.string()),
  'as-user-extra': z.record(z.string(), z.array(z.string())).nullish(),
  exec: exec.nullish(),
});

const rest = z.object({
  clusters: list(z.object({ name: z.string(), cluster: clusterRest })),
  users: list(z.object({ name: z.string(), user: userRest.nullish() })),
});

export type ExecConfig = z.output<typeof exec>;
export type Cluster = ParsedCluster & z.output<typeof clusterRest>;
export type User = Omit<ParsedUser, 'exec'> & z.output<typeof userRest>;

/** What a context of kubeconfig files says. All paths are absolute. */
export interface Context {
  readonly cluster: Cluster;
  readonly user: User;
  readonly namespace: string | undefined;
}

/**
 * Reads the context `name` of kubeconfig files, or the current one, which is that of the first file that has one. Of entries
 * of one name that of the first file counts, whole, as for kubectl.
 *
 * @throws if a file is no kubeconfig, no context is chosen, or the chosen one cannot be used: a sentence that says where
 */
export async function readContext(files: readonly string[], where: string, name?: string): Promise<Context> {
  // The deep import is half the load time of the whole package (0.4 s against 0.7 s), because it pulls in every generated
  // model. A pod, which has no kubeconfig, must not import it at all.
  const { KubeConfig } = await import('@kubernetes/client-node/dist/config.js');
  const parts = files.map((file) => readFile(file, new KubeConfig()));
  const contexts = parts.flatMap(({ config }) => config.contexts ?? []);
  const current = name ?? parts.map(({ config }) => config.currentContext).find(Boolean);
  const names = [...new Set(contexts.map((each) => each.name))].join(', ');
  const choice = names ? `: choose one of ${names} with --context` : '';
  if (!current) throw new Error(`${where}: has no current-context${choice}`);
  const context = contexts.find((each) => each.name === current);
  if (!context) throw new Error(`${where}: has no context "${current}"${choice}`);
  const cluster = parts.flatMap(({ clusters }) => clusters).find((each) => each.name === context.cluster);
  if (!cluster)
    throw new Error(
      `${where}: context "${current}" names cluster "${context.cluster ?? ''}", which is not there`,
    );
  const user = parts.flatMap(({ users }) => users).find((each) => each.name === context.user);
  if (context.user && !user)
    throw new Error(`${where}: context "${current}" names user "${context.user}", which is not there`);
  const problem = clusterProblem(cluster) ?? (user && userProblem(user));
  if (problem) throw new Error(`${where}: context "${current}": ${problem}`);
  return {
    cluster: { ...cluster, server: urlOf(cluster.server) },
    user: user ?? { name: '', ...userRest.parse({}) },
    namespace: context.namespace,
  };
}

interface Part {
  readonly config: KubeConfig;
  readonly clusters: readonly Cluster[];
  readonly users: readonly User[];
}

function readFile(path: string, config: KubeConfig): Part {
  const { clusters, users } = parseFile(path, config);
  const beside = (file: string | undefined) => file && resolve(dirname(path), file);
  const ofName = <T extends { readonly name: string }>(entries: readonly T[], name: string) =>
    entries.find((each) => each.name === name);
  return {
    config,
    clusters: (config.clusters ?? []).map((cluster) => ({
      ...cluster,
      ...(ofName(clusters, cluster.name)?.cluster ?? clusterRest.parse({})),
    })),
    users: (config.users ?? []).map((user) => {
      const { tokenFile, exec: plugin, ...more } = ofName(users, user.name)?.user ?? userRest.parse({});
      // A command without a slash is looked for in PATH.
      const command = plugin?.command?.includes('/') ? beside(plugin.command) : plugin?.command;
      return { ...user, ...more, tokenFile: beside(tokenFile), exec: plugin && { ...plugin, command } };
    }),
  };
}

/** Fills `config` from a file, and gives what it leaves out. */
function parseFile(path: string, config: KubeConfig): z.output<typeof rest> {
  try {
    // An empty file, as `kubectl config` leaves it, is one that says nothing.
    if (statSync(path).size === 0) return rest.parse({});
    config.loadFromFile(path);
    return rest.parse(parse(readFileSync(path, 'utf8')));
  } catch (error) {
    const [issue] = error instanceof z.ZodError ? error.issues : [];
    // Behind the first line, the parser shows where it was; and what stands there may be a secret.
    const why = issue ? `${issue.path.join('.')}: ${issue.message}` : messageOf(error).split('\n', 1)[0];
    throw new Error(`${path} is no usable kubeconfig: ${why}`, { cause: error });
  }
}

/** PEM of a file, or of the base64 that stands in the kubeconfig. */
export const pem = (file: string | undefined, data: string | undefined): string | undefined =>
  data ? Buffer.from(data, 'base64').toString('utf8') : file ? readFileSync(file, 'utf8') : undefined;

/** A server without a scheme is one without TLS (client-go, rest.DefaultServerURL). */
const urlOf = (server: string): string => (server.includes('://') ? server : `http://${server}`);

function clusterProblem({ server, caFile, caData, skipTLSVerify, proxyUrl }: Cluster): string | undefined {
  if (!/^https?:$/.test(URL.parse(urlOf(server))?.protocol ?? ''))
    return `its cluster has the server "${server}": it must be a URL such as https://api.example:6443`;
  if (caFile && caData)
    return 'its cluster has both certificate-authority and certificate-authority-data: take one away';
  if ((caFile || caData) && skipTLSVerify)
    return 'its cluster has insecure-skip-tls-verify beside a certificate authority: take one away';
  if (proxyUrl && !/^(https?|socks5):\/\/./.test(proxyUrl))
    return `its cluster has the proxy-url "${proxyUrl}": it must begin with http://, https:// or socks5://`;
  return undefined;
}

function userProblem(user: User): string | undefined {
  const { certFile, certData, keyFile, keyData, token, username, password, impersonateUser } = user;
  const both = (a: unknown, b: unknown, names: string) =>
    a && b ? `its user has both ${names}: take one away` : undefined;
  const isImpersonating = user['as-uid'] || user['as-groups'].length > 0 || user['as-user-extra'];
  return (
    both(certFile, certData, 'client-certificate and client-certificate-data') ??
    both(keyFile, keyData, 'client-key and client-key-data') ??
    both(token, username, 'token and username') ??
    both(token, password, 'token and password') ??
    ((certFile || certData) && !(keyFile || keyData)
      ? 'its user has a client certificate without client-key or client-key-data'
      : undefined) ??
    (isImpersonating && !impersonateUser
      ? 'its user has as-uid, as-groups or as-user-extra without as'
      : undefined) ??
    (user.authProvider
      ? `its user has the auth-provider "${user.authProvider.name}": use an exec plugin instead, such as kubelogin`
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
