import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import type { Environment } from '#fetch/settings.ts';
import { putBlob, putContainer, sasOf } from '../support/azurite.ts';
import { failureOf, fetchInto, temporaryFolder } from '../support/fetching.ts';

const azure = inject('azure');
const { endpoint, account, key } = azure;
const root = `az://${account}/private`;
const AZURE_STORAGE_ENDPOINT = endpoint;

beforeAll(async () => {
  await putContainer(azure, 'private', false);
  await putBlob(azure, 'private', 'iris/iris.joblib', 'joblib');
  // Tools make such a blob for a folder.
  await putBlob(azure, 'private', 'iris/meta', '', undefined, { 'x-ms-meta-hdi_isfolder': 'true' });
});

test.each<[string, Environment, string?]>([
  ['the key of the account', { AZURE_STORAGE_ENDPOINT, AZURE_STORAGE_ACCESS_KEY: key }],
  ['a flag for the endpoint', { AZURE_STORAGE_KEY: key }, endpoint],
  ['a SAS', { AZURE_STORAGE_ENDPOINT, AZURE_STORAGE_SAS_TOKEN: `?${sasOf(azure, 'private')}\n` }],
  [
    'a connection string',
    { AZURE_STORAGE_CONNECTION_STRING: `AccountName=${account};AccountKey=${key};BlobEndpoint=${endpoint};` },
  ],
  [
    'a connection string with a SAS',
    {
      AZURE_STORAGE_CONNECTION_STRING: `BlobEndpoint=${endpoint}/;SharedAccessSignature=${sasOf(azure, 'private')}`,
    },
  ],
])('a folder is read with %s', async (_, env, at) => {
  const folder = await temporaryFolder();
  const { marker } = await fetchInto(folder, `${root}/iris`, { env, flags: { endpoint: at } });
  expect(await readFile(join(folder, 'iris.joblib'), 'utf8')).toBe('joblib');
  expect(marker.files).toBe(1);
});

test.each([
  ['that may not list', sasOf(azure, 'private', 'r'), `${root}/iris`],
  ['that has run out', sasOf(azure, 'private', 'rl', -1), `${root}/iris/iris.joblib`],
])('a SAS %s is refused in one sentence', async (_, sas, uri) => {
  const env = { AZURE_STORAGE_ENDPOINT, AZURE_STORAGE_SAS_TOKEN: sas };
  const error = await failureOf(fetchInto(await temporaryFolder(), uri, { env }));
  expect(error.message).toMatch(/access is denied \(403 Auth.*: renew AZURE_STORAGE_SAS_TOKEN, with/);
});

/** Grants tokens as Microsoft Entra does, and has one blob for whoever shows the last of them. */
async function serveEntra(accepts: (form: Readonly<Record<string, string>>) => boolean) {
  let grants = 0;
  const server = createServer(async (asked, answer) => {
    if (asked.url === '/tenant/oauth2/v2.0/token') {
      const form = Object.fromEntries(new URLSearchParams(await text(asked)));
      const isRight =
        accepts(form) &&
        form.grant_type === 'client_credentials' &&
        form.client_id === 'client' &&
        form.scope === 'https://storage.azure.com/.default';
      const error_description = 'AADSTS7000215: Invalid client secret provided.\r\nTrace ID: 1';
      answer.statusCode = isRight ? 200 : 401;
      answer.end(
        JSON.stringify(
          isRight
            ? // It has run out by the next request.
              { token_type: 'Bearer', expires_in: 60, access_token: `token-${++grants}` }
            : { error: 'invalid_client', error_description },
        ),
      );
      return;
    }
    const isKnown = asked.headers.authorization === `Bearer token-${grants}`;
    const headers = { etag: '"1"', 'content-length': 6, 'content-range': 'bytes 0-5/6' };
    answer.writeHead(isKnown ? (asked.headers.range ? 206 : 200) : 401, headers);
    answer.end('joblib');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const env = {
    AZURE_STORAGE_ENDPOINT: `${url}/${account}`,
    AZURE_AUTHORITY_HOST: `${url}/`,
    AZURE_TENANT_ID: 'tenant',
    AZURE_CLIENT_ID: 'client',
  };
  return { env, grants: () => grants };
}

test('an application asks with a token for its secret, and renews it', async () => {
  const { env, grants } = await serveEntra(({ client_secret }) => client_secret === 'secret');
  const folder = await temporaryFolder();
  await fetchInto(folder, `${root}/iris.joblib`, { env: { ...env, AZURE_CLIENT_SECRET: 'secret' } });
  expect(await readFile(join(folder, 'iris.joblib'), 'utf8')).toBe('joblib');
  expect(grants()).toBeGreaterThan(1);
});

test('a pod asks with a token for that of its ServiceAccount', async () => {
  const { env } = await serveEntra(
    ({ client_assertion, client_assertion_type }) =>
      client_assertion === 'projected' &&
      client_assertion_type === 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  );
  const [folder, scratch] = await Promise.all([temporaryFolder(), temporaryFolder()]);
  const AZURE_FEDERATED_TOKEN_FILE = join(scratch, 'token');
  await writeFile(AZURE_FEDERATED_TOKEN_FILE, 'projected\n');
  await fetchInto(folder, `${root}/iris.joblib`, { env: { ...env, AZURE_FEDERATED_TOKEN_FILE } });
  expect(await readFile(join(folder, 'iris.joblib'), 'utf8')).toBe('joblib');
});

test('a secret that is wrong is named, and nothing of it shown', async () => {
  const { env } = await serveEntra(() => false);
  const options = { env: { ...env, AZURE_CLIENT_SECRET: 'hidden' } };
  const error = await failureOf(fetchInto(await temporaryFolder(), `${root}/iris.joblib`, options));
  expect(error.message).toMatch(
    /: Microsoft Entra gives no token \(invalid_client: AADSTS7000215: Invalid client secret provided\): check AZURE_TENANT_ID/,
  );
  expect(error.message).not.toContain('hidden');
});
