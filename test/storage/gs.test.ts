import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { trustAuthorities } from '#fetch/settings.ts';
import { fetchInto, temporaryFolder } from '../support/fetching.ts';

const { endpoint, open, workload, serviceAccount, proxy, authority, metadata } = inject('gcs');
const uri = 'gs://private/iris.joblib';

beforeAll(async () => {
  await fetch(`${open}/storage/v1/b?project=p`, { method: 'POST', body: '{"name":"private"}' });
  const upload = `${open}/upload/storage/v1/b/private/o?uploadType=media&name=iris.joblib`;
  await fetch(upload, { method: 'POST', body: 'joblib' });
});
afterEach(() => vi.unstubAllEnvs());

describe('who asks Cloud Storage', () => {
  test.each([
    { name: 'credentials under any key', env: { 'key.json': workload } },
    { name: 'a service account', env: { GOOGLE_APPLICATION_CREDENTIALS: serviceAccount } },
    { name: 'the machine, or the pod by its ServiceAccount', env: { GCE_METADATA_HOST: metadata } },
  ])('$name', async ({ env }) => {
    // The library finds what a machine has in the environment of the process, as it finds the proxy to Google.
    const around = { HTTPS_PROXY: proxy, NO_PROXY: '127.0.0.1', ...env };
    for (const [name, text] of Object.entries(around)) vi.stubEnv(name, text);
    trustAuthorities({ DORMOUSE_CA_CERTIFICATES: authority });
    const folder = await temporaryFolder();
    await fetchInto(folder, uri, { env, flags: { endpoint } });
    expect(await readFile(join(folder, 'iris.joblib'), 'utf8')).toBe('joblib');
  });
});
