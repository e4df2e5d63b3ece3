import { readFileSync } from 'node:fs';
import type { Clock } from '#base/clock.ts';
import {
  type Credential,
  type Credentials,
  fileCredentials,
  type Headers,
  withHeaders,
} from './credentials.ts';
import { ExecCredentials, type ExecOptions } from './exec-credentials.ts';
import { type Context, pem, type User } from './kubeconfig.ts';

/**
 * The credentials of the user of a context, as client-go takes them: a plugin is asked only where the user has nothing else
 * (plugin/pkg/client/auth/exec, UpdateTransportConfig), and a server without TLS is shown none (clientcmd, ClientConfig).
 */
export function credentialsOf(
  context: Context,
  options: ExecOptions & { readonly clock: Clock },
): Credentials {
  const { user, cluster } = context;
  const isSecure = cluster.server.startsWith('https:');
  const hasOwn = [user.token, user.tokenFile, user.username, user.certFile, user.certData].some(Boolean);
  if (isSecure && user.exec && !hasOwn) {
    const plugin = new ExecCredentials(user.exec, cluster, options);
    return withHeaders(plugin, impersonation(user));
  }
  const read = isSecure ? () => readCredential(user) : () => ({ headers: {} });
  return withHeaders(fileCredentials(read, options.clock), impersonation(user));
}

function readCredential(user: User): Credential {
  const cert = pem(user.certFile, user.certData);
  const key = pem(user.keyFile, user.keyData);
  return { headers: authorization(user), ...(cert && key && { cert, key }) };
}

function authorization({ token, tokenFile, username, password }: User): Headers {
  const bearer = tokenFile ? readToken(tokenFile, token) : token;
  if (bearer) return { authorization: `Bearer ${bearer}` };
  if (!username) return {};
  const basic = Buffer.from(`${username}:${password ?? ''}`).toString('base64');
  return { authorization: `Basic ${basic}` };
}

/** The file goes before the token that stands beside it, which is for the time before there is a file. */
function readToken(file: string, token: string | undefined): string {
  try {
    const read = readFileSync(file, 'utf8').trim();
    if (read) return read;
  } catch (cause) {
    if (token) return token;
    throw new Error(`cannot read the token in ${file}: ${(cause as Error).message}`, { cause });
  }
  if (token) return token;
  throw new Error(`the token in ${file} is empty`);
}

/**
 * The headers of https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation
 */
function impersonation(user: User): Headers {
  if (!user.impersonateUser) return {};
  const extra = Object.entries(user['as-user-extra'] ?? {});
  return {
    'impersonate-user': user.impersonateUser,
    ...(user['as-uid'] && { 'impersonate-uid': user['as-uid'] }),
    ...(user['as-groups'].length > 0 && { 'impersonate-group': user['as-groups'] }),
    ...Object.fromEntries(extra.map(([key, values]) => [`impersonate-extra-${headerKey(key)}`, values])),
  };
}

/** What may not stand in the name of a header is percent-encoded, and so is the percent sign itself (RFC 9110, 5.6.2). */
const headerKey = (key: string): string =>
  [...Buffer.from(key)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[-!#$&'*+.^_`|~0-9A-Za-z]/.test(character)
        ? character
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
