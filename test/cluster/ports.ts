import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** The machine's loopback ports that lead into a cluster. */
export type Ports = { readonly api: number; readonly ingress: number };

/**
 * The ports to use: what is asked for, else what was used last time, else free ones.
 * Throws when a port that is asked for is taken.
 */
export async function choosePorts(asked: Partial<Ports>, last?: Ports): Promise<Ports> {
  const api = await choose('api', asked.api, last?.api);
  return { api, ingress: await choose('ingress', asked.ingress, last?.ingress) };
}

async function choose(what: string, asked?: number, last?: number): Promise<number> {
  if (asked !== undefined) {
    if (await bind(asked)) return asked;
    throw new Error(`Port ${asked} is taken by another program: give a free one with --${what}-port.`);
  }
  const port = (last && (await bind(last))) || (await bind(0));
  if (!port) throw new Error('No free port is left on 127.0.0.1.');
  return port;
}

/** The port that could be bound and was freed again, or undefined when it is taken. */
async function bind(port: number): Promise<number | undefined> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  } catch {
    return undefined;
  } finally {
    server.close();
  }
}
