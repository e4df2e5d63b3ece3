import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Where to listen: on all interfaces without a host, on any free port with port 0. */
export interface ListenAddress {
  readonly host?: string;
  readonly port: number;
}

export interface Reply {
  readonly status: number;
  readonly body: string;
  /** `text/plain` by default. */
  readonly contentType?: string;
}

/** What is answered to a GET of each path. */
export type Routes = Readonly<Record<string, () => Reply | Promise<Reply>>>;

export interface Listening extends AsyncDisposable {
  readonly port: number;
}

/** How long answers under way get when the server is closed. */
const graceMs = 1000;

/**
 * Answers GET requests until it is disposed of.
 * @throws if the address cannot be had
 */
export async function listen(address: ListenAddress, routes: Routes): Promise<Listening> {
  const server = createServer({ requestTimeout: 10_000 }, async ({ method = '', url = '' }, response) => {
    if (method !== 'GET' && method !== 'HEAD')
      return send(response, { status: 405, body: 'only GET is answered' });
    // A URL parser would throw at what strangers may send.
    const pathname = url.split('?', 1).join('');
    const route = Object.hasOwn(routes, pathname) ? routes[pathname] : undefined;
    if (!route) return send(response, { status: 404, body: `there is ${Object.keys(routes).join(', ')}` });
    try {
      send(response, await route());
    } catch (error) {
      send(response, { status: 500, body: String(error) });
    }
  });
  await started(server, address);
  return { port: (server.address() as AddressInfo).port, [Symbol.asyncDispose]: () => close(server) };
}

function started(server: Server, { host, port }: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new Error(`cannot listen on ${host ?? ''}:${port}: ${cause.message}`, { cause })),
    );
    server.listen({ port, ...(host !== undefined && { host }) }, resolve);
  });
}

async function close(server: Server): Promise<void> {
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  await new Promise((resolve) => server.close(resolve));
  clearTimeout(cut);
}

function send(response: ServerResponse, { status, body, contentType = 'text/plain; charset=utf-8' }: Reply) {
  response.writeHead(status, { 'content-type': contentType }).end(body.endsWith('\n') ? body : `${body}\n`);
}
