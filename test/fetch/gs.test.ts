import { describe, expect, test } from 'vitest';
import { readGsSettings } from '#fetch/sources/gs/settings.ts';

const key = (email: string) => JSON.stringify({ type: 'service_account', client_email: email });

describe('settings of Cloud Storage', () => {
  test('the JSON of a credential stands in any variable, and in two if it is the same', () => {
    const credentials = { type: 'service_account', client_email: 'a' };
    expect(readGsSettings({ 'key.json': key('a'), OTHER: key('a') })).toMatchObject({ credentials });
    expect(readGsSettings({ GOOGLE_APPLICATION_CREDENTIALS: key('a') })).toMatchObject({
      credentials,
      isFileNamed: false,
    });
    expect(readGsSettings({ GOOGLE_APPLICATION_CREDENTIALS: '/key.json' })).toMatchObject({
      isFileNamed: true,
    });
  });

  test('another server, with a scheme and without', () => {
    const server = { endpoint: 'http://gcs:4443', isElsewhere: true };
    expect(readGsSettings({ STORAGE_EMULATOR_HOST: 'gcs:4443' })).toMatchObject(server);
    expect(readGsSettings({ STORAGE_EMULATOR_HOST: 'x' }, { endpoint: 'http://gcs:4443/' })).toMatchObject(
      server,
    );
    expect(readGsSettings({})).toMatchObject({
      endpoint: 'https://storage.googleapis.com',
      isElsewhere: false,
    });
  });

  test.each([
    {
      env: { A: key('a'), B: key('b') },
      want: 'A and B hold credentials of Google that differ: leave one of them.',
    },
    { env: { A: `${key('hidden')},` }, want: 'A holds damaged JSON: give the credential' },
    { env: { STORAGE_EMULATOR_HOST: 'ftp://x y' }, want: 'STORAGE_EMULATOR_HOST holds a space' },
  ])('what is wrong is named: $want', ({ env, want }) => {
    expect(() => readGsSettings(env)).toThrow(want);
    expect(() => readGsSettings(env)).not.toThrow('hidden');
  });
});
