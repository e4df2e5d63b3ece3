import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { run } from '../cluster/exec.ts';

/** A certificate that signs itself. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export async function makeCertificate(of = 'DNS:localhost,IP:127.0.0.1'): Promise<Certificate> {
  const folder = await mkdtemp(join(tmpdir(), 'dormouse-certificate-'));
  const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  try {
    const kind = [
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-noenc',
      '-days',
      '2',
    ];
    const names = ['-subj', '/CN=localhost', '-addext', `subjectAltName=${of}`];
    await run(['openssl', 'req', ...kind, ...names, '-out', files.cert, '-keyout', files.key]);
    return { cert: await readFile(files.cert, 'utf8'), key: await readFile(files.key, 'utf8') };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What a file server has for one path. A test may change it between or during requests. */
export interface Served {
  content: Buffer;
  etag?: string;
  lastModified?: string;
  /** False: the whole file is sent whatever is asked for. */
  ranges?: boolean;
  /** False: no Content-Length, but chunks. */
  length?: boolean;
}

export type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
  serve: () => void,
  count: number,
) => void;

export interface FileServer {
  readonly url: string;
  /** `Range` headers of the requests so far; empty for the whole. */
  readonly requests: string[];
}

/**
 * Serves one file on loopback until the test ends, with ranges and `If-Range` as RFC 9110 wants them. `handler` may
 * answer otherwise; `count` is the number of the request, from 1.
 */
export async function serveFile(
  served: Served,
  { handler = (_, __, serve) => serve(), certificate }: { handler?: Handler; certificate?: Certificate } = {},
): Promise<FileServer> {
  const requests: string[] = [];
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    requests.push(String(request.headers.range ?? ''));
    handler(request, response, () => answer(served, request, response), requests.length);
  };
  const server = certificate ? createHttps({ ...certificate }, listener) : createHttp(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { url: certificate ? `https://localhost:${port}` : `http://127.0.0.1:${port}`, requests };
}

function answer(served: Served, request: IncomingMessage, response: ServerResponse): void {
  const { content, etag, lastModified, ranges = true, length = true } = served;
  if (etag) response.setHeader('etag', etag);
  if (lastModified) response.setHeader('last-modified', lastModified);
  const wanted = /^bytes=(\d+)-(\d*)$/.exec(String(request.headers.range));
  const condition = request.headers['if-range'];
  const same = condition === undefined || condition === etag || condition === lastModified;
  if (!wanted || !ranges || !same) {
    if (length) response.setHeader('content-length', content.byteLength);
    response.writeHead(200);
    if (!length) response.flushHeaders();
    response.end(content);
    return;
  }
  const start = Number(wanted[1]);
  if (start >= content.byteLength) {
    response.writeHead(416, { 'content-range': `bytes */${content.byteLength}` }).end();
    return;
  }
  const end = Math.min(content.byteLength, wanted[2] ? Number(wanted[2]) + 1 : content.byteLength);
  response.setHeader('content-range', `bytes ${start}-${end - 1}/${content.byteLength}`);
  if (length) response.setHeader('content-length', end - start);
  response.writeHead(206);
  if (!length) response.flushHeaders();
  response.end(content.subarray(start, end));
}

/** Passes on so many bytes of the answer's body, then cuts the connection. */
export function cutAfter(
  response: ServerResponse,
  bytes: number,
  then = () => void response.socket?.destroy(),
): void {
  const end = response.end.bind(response);
  response.end = ((chunk: Buffer) => {
    if (chunk.byteLength <= bytes) return end(chunk);
    response.write(chunk.subarray(0, bytes), then);
    return response;
  }) as typeof response.end;
}
