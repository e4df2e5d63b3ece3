import { permanent } from '../../errors.ts';
import { type Environment, read, readEndpoint, type SourceFlags } from '../../settings.ts';

/** Who asks: the account by its key, whoever has a signed token, an application of Microsoft Entra, or anybody. */
export type Credentials =
  | { readonly by: 'key'; readonly key: Buffer }
  | { readonly by: 'sas'; readonly query: string }
  | ({ readonly by: 'identity' } & Identity)
  | { readonly by: 'nobody' };

export interface Identity {
  readonly authority: string;
  readonly tenant: string;
  readonly client: string;
  /** A secret, or the file of a token by which another issuer, such as a cluster, speaks for the application. */
  readonly proof: { readonly secret: string } | { readonly file: string };
}

export interface AzSettings {
  /** The account's own address, from which containers go down. */
  readonly endpoint: string;
  /** Whether that is another server than Azure's. */
  readonly isElsewhere: boolean;
  readonly credentials: Credentials;
}

const connection = 'AZURE_STORAGE_CONNECTION_STRING';

/**
 * The settings of Blob Storage that flags and the environment give, under the names of Azure's own command line and
 * libraries (https://learn.microsoft.com/cli/azure/azure-cli-configuration). What speaks of this storage alone goes first:
 * a cluster sets the variables of an identity in each pod of a ServiceAccount.
 * @throws FetchError, permanent, which names the variable and never shows a secret
 */
export function readAzSettings(env: Environment, account: string, flags: SourceFlags = {}): AzSettings {
  const connected = readConnectionString(env, account);
  const endpoint =
    readEndpoint({ endpoint: flags.endpoint }, 'endpoint', '--endpoint') ??
    readEndpoint(env, 'AZURE_STORAGE_ENDPOINT') ??
    connected.endpoint;
  return {
    endpoint: endpoint ?? `https://${account}.blob.core.windows.net`,
    isElsewhere: endpoint !== undefined,
    credentials: flags.anonymous
      ? { by: 'nobody' }
      : (readKey(env, 'AZURE_STORAGE_KEY') ??
        readKey(env, 'AZURE_STORAGE_ACCESS_KEY') ??
        sasOf(read(env, 'AZURE_STORAGE_SAS_TOKEN')) ??
        connected.credentials ??
        readIdentity(env) ?? { by: 'nobody' }),
  };
}

function readKey(env: Environment, name: string, shown = name): Credentials | undefined {
  const text = read(env, name, shown);
  if (text === undefined) return undefined;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text) || text.length % 4 !== 0)
    throw permanent(`${shown} is no key of a storage account: write it as the portal shows it, in base64.`);
  return { by: 'key', key: Buffer.from(text, 'base64') };
}

const sasOf = (text: string | undefined): Credentials | undefined =>
  text === undefined ? undefined : { by: 'sas', query: text.replace(/^\?/, '') };

/** https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string */
function readConnectionString(
  env: Environment,
  account: string,
): { readonly endpoint?: string | undefined; readonly credentials?: Credentials | undefined } {
  const text = read(env, connection);
  if (text === undefined) return {};
  const parts = Object.fromEntries(
    [...text.matchAll(/([^=;]+)=([^;]*)/g)].map(([, name = '', value]) => [name.toLowerCase(), value]),
  );
  const { accountname, blobendpoint, endpointsuffix, defaultendpointsprotocol = 'https' } = parts;
  if (accountname === undefined && blobendpoint === undefined)
    throw permanent(
      `${connection} names no account: write it as the portal shows it, AccountName=...;AccountKey=...`,
    );
  if (accountname !== undefined && accountname !== account)
    throw permanent(
      `${connection} is of the account ${accountname}, and the URI names ${account}: correct one of them.`,
    );
  const suffixed = endpointsuffix && `${defaultendpointsprotocol}://${account}.blob.${endpointsuffix}`;
  return {
    endpoint: readEndpoint(
      { endpoint: blobendpoint || suffixed },
      'endpoint',
      `The endpoint in ${connection}`,
    ),
    credentials:
      readKey({ key: parts.accountkey }, 'key', `AccountKey in ${connection}`) ??
      sasOf(parts.sharedaccesssignature),
  };
}

/** https://learn.microsoft.com/azure/aks/workload-identity-overview */
function readIdentity(env: Environment): Credentials | undefined {
  const tenant = read(env, 'AZURE_TENANT_ID');
  const client = read(env, 'AZURE_CLIENT_ID');
  const secret = read(env, 'AZURE_CLIENT_SECRET');
  const file = read(env, 'AZURE_FEDERATED_TOKEN_FILE');
  const proof = secret ? { secret } : file ? { file } : undefined;
  if (!proof) return undefined;
  if (!tenant || !client)
    throw permanent(
      `AZURE_${secret ? 'CLIENT_SECRET' : 'FEDERATED_TOKEN_FILE'} is set and AZURE_${tenant ? 'CLIENT' : 'TENANT'}_ID is not: set both.`,
    );
  const authority = readEndpoint(env, 'AZURE_AUTHORITY_HOST') ?? 'https://login.microsoftonline.com';
  return { by: 'identity', authority, tenant, client, proof };
}
