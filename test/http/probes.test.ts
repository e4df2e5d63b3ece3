import { request } from 'undici';
import { expect, onTestFinished, test } from 'vitest';
import { probes } from '#http/probes.ts';
import { listen, type Routes } from '#http/server.ts';

const healthy = { resource: 'pods', hasSynced: true, silentMs: 90_000 };
const now = () => Date.parse('2026-01-01T12:00:00Z');

/** A server on loopback that ends with the test; gives `status body` of a request to it. */
async function asking(routes: Routes) {
  const server = await listen({ host: '127.0.0.1', port: 0 }, routes);
  onTestFinished(() => server[Symbol.asyncDispose]());
  return async (path: string, method: 'GET' | 'POST' = 'GET') => {
    const { statusCode, body } = await request(`http://127.0.0.1:${server.port}${path}`, { method });
    return `${statusCode} ${(await body.text()).trim()}`;
  };
}

test('a process in health is alive and ready', async () => {
  const ask = await asking(probes([healthy], now));
  expect([await ask('/healthz'), await ask('/readyz')]).toEqual(['200 ok', '200 ok']);
});

test('before the caches are in sync it is alive and not ready', async () => {
  const empty = { ...healthy, hasSynced: false };
  const ask = await asking(probes([healthy, empty, { ...empty, resource: 'configmaps' }], now));
  expect([await ask('/healthz'), await ask('/readyz')]).toEqual([
    '200 ok',
    '500 not yet in sync: pods, configmaps',
  ]);
});

test('a watch that hangs asks for a restart, and says which and since when', async () => {
  const ask = await asking(probes([healthy, { ...healthy, silentMs: 300_001 }], now));
  expect(await ask('/healthz')).toBe(
    '500 the watch of pods hangs: its request is open and has given no sign since 2026-01-01T11:54:59.999Z',
  );
});

test('the server answers what it knows, and says what it has', async () => {
  const ask = await asking({
    '/a': () => ({ status: 200, body: 'A' }),
    '/b': () => Promise.reject(new Error('broken')),
  });
  expect(await ask('/a?verbose')).toBe('200 A');
  expect(await ask('/b')).toBe('500 Error: broken');
  expect(await ask('/toString')).toBe('404 there is /a, /b');
  expect(await ask('//')).toBe('404 there is /a, /b');
  expect(await ask('/a', 'POST')).toBe('405 only GET is answered');
});

test('a port that is taken is named', async () => {
  const address = { host: '127.0.0.1', port: 0 };
  await using first = await listen(address, {});
  await expect(listen({ ...address, port: first.port }, {})).rejects.toThrow(
    `cannot listen on 127.0.0.1:${first.port}: `,
  );
});

test('closing lets an answer under way end, and then nobody listens', async () => {
  const gate = Promise.withResolvers<{ status: number; body: string }>();
  const asked = Promise.withResolvers<void>();
  const server = await listen(
    { host: '127.0.0.1', port: 0 },
    {
      '/slow': () => {
        asked.resolve();
        return gate.promise;
      },
    },
  );
  const url = `http://127.0.0.1:${server.port}/slow`;
  const answer = request(url);
  await asked.promise;
  const closed = server[Symbol.asyncDispose]();
  gate.resolve({ status: 200, body: 'done' });
  expect((await answer).statusCode).toBe(200);
  await (await answer).body.dump();
  await closed;
  await expect(request(url)).rejects.toThrow();
});
