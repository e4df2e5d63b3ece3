import { describe, expect, test } from 'vitest';
import { readAzSettings } from '#fetch/sources/az/settings.ts';
import { sharedKey } from '#fetch/sources/az/shared-key.ts';
import { element } from '#fetch/sources/az/xml.ts';

const key = Buffer.from('key').toString('base64');
const connection = `DefaultEndpointsProtocol=https;AccountName=acct;AccountKey=${key};EndpointSuffix=core.usgovcloudapi.net`;
const application = { AZURE_TENANT_ID: 't', AZURE_CLIENT_ID: 'c' };

describe('settings of Blob Storage', () => {
  test.each([
    { env: {}, by: 'nobody', endpoint: 'https://acct.blob.core.windows.net' },
    {
      env: { AZURE_STORAGE_KEY: `${key}\n`, AZURE_STORAGE_ENDPOINT: 'http://az/acct/' },
      by: 'key',
      endpoint: 'http://az/acct',
    },
    {
      env: { AZURE_STORAGE_CONNECTION_STRING: connection },
      by: 'key',
      endpoint: 'https://acct.blob.core.usgovcloudapi.net',
    },
    {
      env: { ...application, AZURE_CLIENT_SECRET: 's' },
      by: 'identity',
      endpoint: 'https://acct.blob.core.windows.net',
    },
    // A cluster sets these in each pod of a ServiceAccount.
    {
      env: { ...application, AZURE_FEDERATED_TOKEN_FILE: '/t', AZURE_STORAGE_SAS_TOKEN: '?sig=x' },
      by: 'sas',
      endpoint: 'https://acct.blob.core.windows.net',
    },
  ])('$by at $endpoint', ({ env, by, endpoint }) => {
    expect(readAzSettings(env, 'acct')).toMatchObject({ endpoint, credentials: { by } });
    expect(readAzSettings(env, 'acct', { anonymous: true }).credentials).toEqual({ by: 'nobody' });
  });

  test.each([
    {
      env: { AZURE_STORAGE_KEY: 'hidden!' },
      want: 'AZURE_STORAGE_KEY is no key of a storage account: write it',
    },
    {
      env: { AZURE_STORAGE_CONNECTION_STRING: 'AccountKey=hidden' },
      want: 'AZURE_STORAGE_CONNECTION_STRING names no account',
    },
    {
      env: { AZURE_STORAGE_CONNECTION_STRING: 'AccountName=a;AccountKey=hidden!' },
      want: 'is of the account a, and the URI names acct',
    },
    {
      env: { AZURE_CLIENT_ID: 'c', AZURE_CLIENT_SECRET: 'hidden' },
      want: 'AZURE_CLIENT_SECRET is set and AZURE_TENANT_ID is not',
    },
    {
      env: { AZURE_TENANT_ID: 't', AZURE_FEDERATED_TOKEN_FILE: '/t' },
      want: 'AZURE_FEDERATED_TOKEN_FILE is set and AZURE_CLIENT_ID is not',
    },
  ])('what is wrong is named: $want', ({ env, want }) => {
    expect(() => readAzSettings(env, 'acct')).toThrow(want);
    expect(() => readAzSettings(env, 'acct')).not.toThrow('hidden');
  });
});

test('a signature covers the range, the version of the file and the query', () => {
  const sign = (url: string, headers: Record<string, string>) =>
    sharedKey('acct', Buffer.from('key'), new URL(url), { method: 'GET', headers });
  const url = 'https://acct.blob.core.windows.net/models/a%20b?comp=list&prefix=a%20b';
  const signatures = [
    sign(url, { range: 'bytes=0-1', 'if-match': '"1"', 'x-ms-date': 'now' }),
    sign(url, { range: 'bytes=0-2', 'if-match': '"1"', 'x-ms-date': 'now' }),
    sign(url, { range: 'bytes=0-1', 'if-match': '"2"', 'x-ms-date': 'now' }),
    sign(url, { range: 'bytes=0-1', 'if-match': '"1"', 'x-ms-date': 'later' }),
    sign(`${url}c`, { range: 'bytes=0-1', 'if-match': '"1"', 'x-ms-date': 'now' }),
  ];
  expect(new Set(signatures).size).toBe(signatures.length);
  expect(signatures[0]).toMatch(/^SharedKey acct:[A-Za-z0-9+/]{43}=$/);
});

test('names come out of XML as they are', () => {
  const list = '<Blob><Name>a &amp; b&#x1F600;&#33;&lt;</Name></Blob><NextMarker />';
  expect(element(list, 'Name')).toBe('a & b😀!<');
  expect(element('<Name Encoded="true">a%EF%BF%BF%25</Name>', 'Name')).toBe('a\uffff%');
  expect(element(list, 'NextMarker')).toBeUndefined();
});
