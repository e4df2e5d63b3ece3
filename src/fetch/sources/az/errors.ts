import { type Advice, retryAfter, statusError } from '../../errors.ts';
import type { HttpAnswer } from '../../http-client.ts';
import type { Credentials } from './settings.ts';
import { element } from './xml.ts';

const noCredentials: Advice = {
  Prompt:
    'set AZURE_STORAGE_KEY, AZURE_STORAGE_SAS_TOKEN or AZURE_STORAGE_CONNECTION_STRING, or AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET',
  Pod: 'name a Secret with the key AZURE_STORAGE_KEY, AZURE_STORAGE_SAS_TOKEN or AZURE_STORAGE_CONNECTION_STRING in spec.model.credentials, or let the pod be an application by workload identity',
};

/** What to do where the credentials are not enough. */
const rights: Readonly<Record<Credentials['by'], Advice>> = {
  key: 'check the key, AZURE_STORAGE_KEY, and that the account allows keys and this network',
  sas: 'renew AZURE_STORAGE_SAS_TOKEN, with the permission to read (and, for a folder, to list)',
  identity: 'give the application the role "Storage Blob Data Reader" there, and allow this network',
  nobody: noCredentials,
};

/** What to do about what Blob Storage says (https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes). */
const adviceByCode: Readonly<Record<string, Advice>> = {
  PublicAccessNotPermitted: noCredentials,
  NoAuthenticationInformation: noCredentials,
  KeyBasedAuthenticationNotPermitted:
    'the account allows no keys: ask as an application with AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET',
  BlobArchived: 'rehydrate the blob from its archive',
  BlobBeingRehydrated: 'wait until the blob is back from its archive',
};

/** The failure behind an answer of Blob Storage. */
export async function azError(
  where: string,
  { statusCode: status, headers, body }: HttpAnswer,
  by: Credentials['by'],
): Promise<Error> {
  const text = await body.text().catch(() => '');
  const code = headers['x-ms-error-code']?.toString() ?? element(text, 'Code');
  // To strangers, what is not public is not there.
  const isHidden = by === 'nobody' && code === 'ResourceNotFound';
  return statusError(where, {
    status,
    code,
    // Identifiers for Microsoft's own staff follow in lines of their own.
    message: element(text, 'Message')?.split('\n', 1)[0],
    retryAfterMs: retryAfter(headers['retry-after'], Date.now()),
    rights: rights[by],
    advice: isHidden ? noCredentials : code === undefined ? undefined : adviceByCode[code],
  });
}
