import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findOrBuild } from '../cluster/binaries.ts';
import { choosePorts } from '../cluster/ports.ts';
import { progress } from '../cluster/progress.ts';
import { until } from '../cluster/wait.ts';

/** A real S3 server on loopback, which keeps its objects in a folder of its own. */
export interface S3Server {
  readonly endpoint: string;
  /** What a client of it needs in its environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly stop: () => Promise<void>;
}

/** Starts versitygw, which is built first where the user's cache folder lacks it: about two minutes, once. */
export async function startS3Server(log: (line: string) => void): Promise<S3Server> {
  const { versitygw } = await findOrBuild(['versitygw'], progress(log));
  const folder = await mkdtemp(join(tmpdir(), 'dormouse-s3-'));
  const store = join(folder, 'store');
  const attributes = join(folder, 'attributes');
  for (const path of [store, attributes]) await mkdir(path);
  const { api: port } = await choosePorts({});
  const credentials = { access: 'test', secret: 'test-secret' };
  // Attributes go into files: not every file system of a temporary folder has extended ones.
  const server = spawn(
    versitygw,
    [
      ...['--port', `127.0.0.1:${port}`, '--keep-alive', '--quiet'],
      ...['--access', credentials.access, '--secret', credentials.secret],
      ...['posix', '--sidecar', attributes, store],
    ],
    { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let errors = '';
  server.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-2000);
  });
  const ended = new Promise<void>((resolve) => server.on('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    server.kill();
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  const endpoint = `http://127.0.0.1:${port}`;
  try {
    await until('the S3 server to answer', async () => {
      if (server.exitCode !== null) throw new Error(`versitygw ended: ${errors}`);
      return fetch(endpoint).then(
        () => true,
        () => false,
      );
    });
  } catch (error) {
    await stop();
    throw error;
  }
  const env = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: credentials.access,
    AWS_SECRET_ACCESS_KEY: credentials.secret,
  };
  return { endpoint, env, stop };
}
