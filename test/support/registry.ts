import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { findOrBuild } from '../cluster/binaries.ts';
import { run } from '../cluster/exec.ts';
import { choosePorts } from '../cluster/ports.ts';
import { progress } from '../cluster/progress.ts';
import { until } from '../cluster/wait.ts';

/** A real registry on loopback until the test ends, that of go-containerregistry. */
export interface TestRegistry {
  /** `host:port`. */
  readonly host: string;
  /** Runs crane, the client that belongs to it. */
  readonly crane: (...args: string[]) => Promise<string>;
  /** Pushes files as an artifact, each of which is a layer with a title. */
  readonly pushFiles: (
    repository: string,
    tag: string,
    files: Readonly<Record<string, Buffer>>,
  ) => Promise<void>;
}

export async function startRegistry(folder: string): Promise<TestRegistry> {
  const { crane } = await findOrBuild(
    ['crane'],
    progress(() => {}),
  );
  const disk = join(folder, 'registry');
  await mkdir(disk);
  const { api: port } = await choosePorts({});
  const host = `127.0.0.1:${port}`;
  const server = spawn(crane, ['registry', 'serve', '--disk', disk, '--address', host], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => server.on('exit', () => resolve()));
  onTestFinished(async () => {
    server.kill();
    await ended;
  });
  await until('the registry to answer', async () => {
    if (server.exitCode !== null) throw new Error('crane registry ended');
    return fetch(`http://${host}/v2/`).then(
      () => true,
      () => false,
    );
  });

  async function pushBlob(repository: string, content: Buffer): Promise<string> {
    const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
    const url = `http://${host}/v2/${repository}/blobs/uploads/?digest=${digest}`;
    const { status } = await fetch(url, { method: 'POST', body: new Uint8Array(content) });
    if (status !== 201) throw new Error(`the registry answered ${status}`);
    return digest;
  }

  return {
    host,
    crane: (...args) => run([crane, ...args]),
    async pushFiles(repository, tag, files) {
      const config = Buffer.from('{}');
      const layers = [];
      for (const [name, content] of Object.entries(files))
        layers.push({
          mediaType: 'application/octet-stream',
          digest: await pushBlob(repository, content),
          size: content.byteLength,
          annotations: { 'org.opencontainers.image.title': name },
        });
      const mediaType = 'application/vnd.oci.image.manifest.v1+json';
      const manifest = {
        schemaVersion: 2,
        mediaType,
        artifactType: 'application/vnd.example.model',
        config: {
          mediaType: 'application/vnd.oci.empty.v1+json',
          digest: await pushBlob(repository, config),
          size: config.byteLength,
        },
        layers,
      };
      const { status } = await fetch(`http://${host}/v2/${repository}/manifests/${tag}`, {
        method: 'PUT',
        headers: { 'content-type': mediaType },
        body: JSON.stringify(manifest),
      });
      if (status !== 201) throw new Error(`the registry answered ${status}`);
    },
  };
}

export interface Gate {
  readonly host: string;
  /** Paths of the requests, each with its `Authorization`. */
  readonly requests: readonly (readonly [string, string | undefined])[];
  /** From here on tokens are others. */
  readonly renew: () => void;
}

/**
 * A way to a registry that wants tokens, which it grants to one user
 * (https://distribution.github.io/distribution/spec/auth/token/), until the test ends. `before` may do something to an answer.
 */
export async function guard(
  registry: string,
  credentials: string | undefined,
  before: (request: IncomingMessage, response: ServerResponse) => void = () => {},
): Promise<Gate> {
  const requests: [string, string | undefined][] = [];
  let count = 0;
  const basic = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`;
  const server = createServer((request, response) => {
    const { url = '', headers } = request;
    requests.push([url, headers.authorization]);
    before(request, response);
    if (url.startsWith('/token')) {
      if (basic && headers.authorization !== basic) return response.writeHead(401).end();
      return response.writeHead(200).end(JSON.stringify({ token: `token-${count}`, expires_in: 60 }));
    }
    if (headers.authorization !== `Bearer token-${count}`) {
      const realm = `http://${headers.host}/token`;
      response.setHeader(
        'www-authenticate',
        `Bearer realm="${realm}",service="registry",scope="repository:m:pull"`,
      );
      const errors = [{ code: 'UNAUTHORIZED', message: 'authentication required' }];
      return response.writeHead(401).end(JSON.stringify({ errors }));
    }
    const { authorization: _, ...passed } = headers;
    const far = httpRequest(`http://${registry}${url}`, { headers: passed }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    far.on('error', () => response.destroy());
    return far.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const renew = (): void => {
    count += 1;
  };
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, requests, renew };
}
