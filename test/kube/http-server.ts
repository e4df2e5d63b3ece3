import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent } from 'undici';
import { onTestFinished } from 'vitest';
import type { Connection } from '#kube/client/connection.ts';

export interface HttpServer {
  readonly url: string;
  /** TCP connections accepted so far. */
  readonly accepted: number;
  readonly connection: Connection;
}

/** An HTTP server on loopback that ends with the test. */
export async function serve(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<HttpServer> {
  let accepted = 0;
  const server = createServer(handler).on('connection', () => accepted++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const dispatcher = new Agent();
  onTestFinished(async () => {
    await dispatcher.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const connection: Connection = {
    server: url,
    namespace: 'default',
    authorize: async () => ({ headers: { Authorization: 'Bearer secret' }, dispatcher }),
    close: () => dispatcher.close(),
  };
  return {
    url,
    connection,
    get accepted() {
      return accepted;
    },
  };
}

/** The whole body of a request, parsed. */
export async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  return text ? JSON.parse(text) : undefined;
}
