import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export type Lock = { release(): Promise<void> };

/**
 * Takes the machine-wide lock of that name, waiting while another process has it; `waiting` is called once if so.
 *
 * The lock is an abstract unix socket (unix(7)): the kernel frees it with the process, however that ends, so no stale
 * lock can be left, and who waits is told by the closing of a connection.
 */
export async function lock(name: string, waiting: () => void, signal?: AbortSignal): Promise<Lock> {
  const address = `\0dormouse-${createHash('sha256').update(name).digest('hex')}`;
  for (let told = false; ; told = true) {
    const server = createServer();
    server.listen(address);
    try {
      await once(server, 'listening');
      const waiters = new Set<Socket>();
      server.on('connection', (socket) => waiters.add(socket.on('error', () => {})));
      server.unref();
      return {
        release: async () => {
          for (const socket of waiters) socket.destroy();
          server.close();
        },
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      if (!told) waiting();
      const socket = connect({ path: address, ...(signal && { signal }) });
      socket.on('error', () => {});
      await new Promise((resolve) => socket.once('close', resolve));
      signal?.throwIfAborted();
    }
  }
}
