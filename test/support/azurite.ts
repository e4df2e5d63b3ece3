import { spawn } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import { sharedKey } from '#fetch/sources/az/shared-key.ts';
import { run } from '../cluster/exec.ts';
import { cacheFolder } from '../cluster/folder.ts';
import { choosePorts } from '../cluster/ports.ts';
import { until } from '../cluster/wait.ts';
import { cached, contentKey } from '../images/cache.ts';

/** Microsoft's own emulator of Blob Storage on loopback, which checks keys and signed tokens. */
export interface AzureServer {
  /** With the account as its path. */
  readonly endpoint: string;
  readonly account: string;
  /** In base64. */
  readonly key: string;
  readonly stop: () => Promise<void>;
}

type Account = Omit<AzureServer, 'stop'>;

const version = '2021-12-02';

/** Starts Azurite, which is installed from npm into the user's cache folder at first use: about a minute, once. */
export async function startAzurite(log: (line: string) => void): Promise<AzureServer> {
  const program = await install(log);
  const folder = await mkdtemp(join(tmpdir(), 'dormouse-azurite-'));
  const { api: port } = await choosePorts({});
  const account = 'testaccount';
  const key = randomBytes(64).toString('base64');
  const server = spawn(
    process.execPath,
    [
      join(program, 'node_modules/azurite/dist/src/blob/main.js'),
      ...['--blobHost', '127.0.0.1', '--blobPort', String(port), '--location', folder],
      ...['--silent', '--disableTelemetry'],
    ],
    {
      cwd: folder,
      env: { PATH: process.env.PATH, AZURITE_ACCOUNTS: `${account}:${key}` },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let errors = '';
  server.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-2000);
  });
  const ended = once(server, 'exit');
  const stop = async (): Promise<void> => {
    // It waits for connections that nobody ends.
    server.kill('SIGKILL');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  const endpoint = `http://127.0.0.1:${port}/${account}`;
  try {
    await until('Azurite to answer', async () => {
      if (server.exitCode !== null) throw new Error(`Azurite ended: ${errors}`);
      return fetch(endpoint).then(
        () => true,
        () => false,
      );
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return { endpoint, account, key, stop };
}

async function install(log: (line: string) => void): Promise<string> {
  const files = ['package.json', 'package-lock.json'];
  const sources = files.map((name) => fileURLToPath(new URL(`azurite/${name}`, import.meta.url)));
  return cached(join(cacheFolder, 'azurite'), `azurite-${await contentKey(sources, [])}`, async (folder) => {
    log('Installing Azurite');
    for (const [index, source] of sources.entries()) await copyFile(source, join(folder, files[index] ?? ''));
    const options = ['--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    await run(['npm', 'ci', ...options], { cwd: folder });
  });
}

/** Makes a container; anybody may read the blobs of an open one. */
export function putContainer(account: Account, container: string, isOpen: boolean): Promise<void> {
  return put(
    account,
    `${container}?restype=container`,
    { ...(isOpen && { 'x-ms-blob-public-access': 'blob' }) },
    '',
  );
}

export function putBlob(
  account: Account,
  container: string,
  name: string,
  body: Buffer | string,
  encoding?: string,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const headers = {
    ...metadata,
    'x-ms-blob-type': 'BlockBlob',
    ...(encoding && { 'x-ms-blob-content-encoding': encoding }),
  };
  return put(account, `${container}/${name.split('/').map(encodeURIComponent).join('/')}`, headers, body);
}

async function put(
  { endpoint, account, key }: Account,
  path: string,
  own: Record<string, string>,
  body: Buffer | string,
): Promise<void> {
  const url = new URL(`${endpoint}/${path}`);
  const length = Buffer.byteLength(body);
  const headers = {
    ...own,
    'x-ms-version': version,
    'x-ms-date': new Date().toUTCString(),
    ...(length > 0 && { 'content-length': String(length) }),
  };
  const authorization = sharedKey(account, Buffer.from(key, 'base64'), url, { method: 'PUT', headers });
  const answer = await request(url, { method: 'PUT', headers: { ...headers, authorization }, body });
  const text = await answer.body.text();
  if (answer.statusCode !== 201) throw new Error(`${url}: ${answer.statusCode} ${text}`);
}

/** A token for a container (https://learn.microsoft.com/rest/api/storageservices/create-service-sas). */
export function sasOf({ account, key }: Account, container: string, permissions = 'rl', hours = 1): string {
  const sv = '2020-12-06';
  const se = `${new Date(Date.now() + hours * 3_600_000).toISOString().slice(0, 19)}Z`;
  const resource = `/blob/${account}/${container}`;
  const text = [permissions, '', se, resource, '', '', '', sv, 'c', '', '', '', '', '', '', ''].join('\n');
  const sig = createHmac('sha256', Buffer.from(key, 'base64')).update(text).digest('base64');
  return new URLSearchParams({ sv, se, sr: 'c', sp: permissions, sig }).toString();
}
