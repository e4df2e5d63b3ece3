import { type AddressInfo, connect, createServer } from 'node:net';
import { onTestFinished } from 'vitest';

/** What becomes of a part of an answer on its way. */
export type Passage = (
  chunk: Buffer,
  pass: (part: Buffer, done?: () => void) => void,
  end: () => void,
) => void;

/** A way to a server, until the test ends; each connection has a passage of its own for its answers. */
export async function proxy(endpoint: string, passage: () => Passage): Promise<string> {
  const way = new URL(endpoint);
  const { hostname, port } = way;
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    const onPart = passage();
    const end = (): void => {
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) socket.on('error', end).on('close', end);
    near.pipe(far);
    far.on('data', (chunk: Buffer) => onPart(chunk, (part, done) => void near.write(part, done), end));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  way.port = String((server.address() as AddressInfo).port);
  return way.href.replace(/\/$/, '');
}

/** A way to a server that passes on so many bytes of each connection's answers, then cuts it. */
export function cuttingProxy(endpoint: string, bytes: (connection: number) => number): Promise<string> {
  let count = 0;
  return proxy(endpoint, () => {
    let left = bytes(++count);
    return (chunk, pass, end) => {
      const passed = chunk.subarray(0, left);
      left -= passed.byteLength;
      pass(passed, () => left <= 0 && end());
    };
  });
}
