import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent } from 'undici';
import { expect, onTestFinished, test } from 'vitest';
import { portForward } from '#kube/client/port-forward.ts';

test('shows the API server who asks, each group of an impersonation for itself', async () => {
  const shown = Promise.withResolvers<string[]>();
  const server = createServer().on('upgrade', ({ rawHeaders }, socket) => {
    shown.resolve(rawHeaders);
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const dispatcher = new Agent();
  onTestFinished(async () => {
    await dispatcher.destroy();
    server.close();
  });
  const connection = {
    server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    namespace: undefined,
    authorize: async () => ({
      headers: { authorization: 'Bearer t', 'impersonate-user': 'jane', 'impersonate-group': ['dev', 'ops'] },
      dispatcher,
    }),
    close: async () => {},
  };
  await expect(portForward(connection, { namespace: 'a', pod: 'b', port: 1 })).rejects.toThrow(
    'the API server forwards no port of pod a/b',
  );
  const headers = await shown.promise;
  const pairs = headers.flatMap((name, index) => (index % 2 ? [] : [`${name}: ${headers[index + 1]}`]));
  expect(pairs).toEqual(
    expect.arrayContaining([
      'authorization: Bearer t',
      'impersonate-user: jane',
      'impersonate-group: dev',
      'impersonate-group: ops',
      'sec-websocket-protocol: v4.channel.k8s.io',
    ]),
  );
});
