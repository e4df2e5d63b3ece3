import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { Agent, buildConnector } from 'undici';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Authorization, Connection } from '#kube/client/connection.ts';
import { ApiError, isConflict, isGone, isNotFound } from '#kube/client/errors.ts';
import type { GroupVersionResource } from '#kube/client/objects.ts';
import type { RequestReport } from '#kube/client/requests.ts';
import { RestClient } from '#kube/client/rest.ts';
import { type ConfigMap, collect, configMap, configMaps } from '../fixtures.ts';
import { bodyOf, serve } from '../http-server.ts';
import { ManualClock } from '../manual-clock.ts';

const services: GroupVersionResource = {
  group: 'serving.knative.dev',
  version: 'v1',
  plural: 'services',
  namespaced: true,
};
const name = { namespace: 'default', name: 'a' };
const fieldManager = 'tester';

function reply(
  response: ServerResponse,
  status: number,
  body: object | string,
  headers: Record<string, string> = {},
) {
  response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
}

/** A client and what the server was asked, for a server that answers everything alike. */
async function clientOf(handler: (request: IncomingMessage, response: ServerResponse) => void, path = '') {
  const requests: { line: string; type: string | undefined; auth: string | undefined; body: unknown }[] = [];
  const warnings: string[] = [];
  const server = await serve(async (request, response) => {
    const { 'content-type': type, authorization: auth } = request.headers;
    requests.push({ line: `${request.method} ${request.url}`, type, auth, body: await bodyOf(request) });
    handler(request, response);
  });
  const connection = { ...server.connection, server: server.url + path };
  const client = new RestClient(connection, { onWarning: (text) => warnings.push(text) });
  return { client, requests, warnings, server };
}

describe('requests', () => {
  const object = configMap('a', '1');
  const at = '/api/v1/namespaces/default/configmaps/a';

  test.each<[string, (client: RestClient) => Promise<unknown>, string, string | undefined, unknown]>([
    ['get', (c) => c.get(configMaps, name), `GET ${at}`, undefined, undefined],
    [
      'get, of a group',
      (c) => c.get(services, name),
      'GET /apis/serving.knative.dev/v1/namespaces/default/services/a',
      undefined,
      undefined,
    ],
    [
      'create',
      (c) => c.create(configMaps, object, { fieldManager, dryRun: true }),
      'POST /api/v1/namespaces/default/configmaps?fieldManager=tester&dryRun=All',
      'application/json',
      object,
    ],
    [
      'apply',
      (c) => c.apply(configMaps, object, { fieldManager, force: true, fieldValidation: 'Strict' }),
      `PATCH ${at}?fieldManager=tester&fieldValidation=Strict&force=true`,
      'application/apply-patch+yaml',
      object,
    ],
    [
      'applyStatus',
      (c) => c.applyStatus(configMaps, object, { fieldManager }),
      `PATCH ${at}/status?fieldManager=tester`,
      'application/apply-patch+yaml',
      object,
    ],
    [
      'patch',
      (c) => c.patch(configMaps, name, { data: { x: null } }, { fieldManager }),
      `PATCH ${at}?fieldManager=tester`,
      'application/merge-patch+json',
      { data: { x: null } },
    ],
    [
      'delete',
      (c) => c.delete(configMaps, name, { propagationPolicy: 'Background', preconditions: { uid: 'u' } }),
      `DELETE ${at}`,
      'application/json',
      { propagationPolicy: 'Background', preconditions: { uid: 'u' } },
    ],
  ])('%s', async (_, call, line, type, body) => {
    const { client, requests } = await clientOf((_request, response) => reply(response, 200, object));
    await call(client);
    expect(requests).toEqual([{ line, type, auth: 'Bearer secret', body }]);
  });

  test('a write that is not allowed now does not leave, a read does', async () => {
    const { server, requests } = await clientOf((_, response) => reply(response, 200, object));
    const beforeWrite = () => {
      throw new Error('not leading');
    };
    const client = new RestClient(server.connection, { beforeWrite });
    const write = { fieldManager };
    await expect(client.create(configMaps, object, write)).rejects.toThrow('not leading');
    await expect(client.apply(configMaps, object, write)).rejects.toThrow('not leading');
    await expect(client.patch(configMaps, name, {}, write)).rejects.toThrow('not leading');
    await expect(client.delete(configMaps, name)).rejects.toThrow('not leading');
    await client.get(configMaps, name);
    expect(requests.map(({ line }) => line)).toEqual([`GET ${at}`]);
  });

  test('a write is held back by what happens while its connection is made', async () => {
    const { requests, server } = await clientOf((_, response) => reply(response, 200, object));
    let leads = true;
    const connect = buildConnector({});
    const dispatcher = new Agent({
      connect: (options, callback) => {
        leads = false;
        connect(options, callback);
      },
    });
    onTestFinished(() => dispatcher.destroy());
    const authorize = async () => ({ headers: {}, dispatcher });
    const beforeWrite = () => {
      if (!leads) throw new Error('not leading');
    };
    const client = new RestClient({ ...server.connection, authorize }, { beforeWrite });
    await expect(client.create(configMaps, object, { fieldManager })).rejects.toThrow('not leading');
    expect(requests).toEqual([]);
  });

  test('an apply is YAML too: what YAML forbids, or takes for the end of a line, is escaped', async () => {
    const odd = '\u007f\u0080\u0085\u2028\u2029\ufeff\ufffe\uffff';
    let sent = '';
    const server = await serve(async (request, response) => {
      sent = await text(request);
      reply(response, 200, object);
    });
    const applied = { ...object, data: { x: `ü${odd}` } };
    await new RestClient(server.connection).apply(configMaps, applied, { fieldManager });
    expect([...sent].filter((character) => odd.includes(character))).toEqual([]);
    expect(sent).toContain('ü');
    expect(JSON.parse(sent)).toEqual(applied);
  });

  test('keep the path of the server URL', async () => {
    const { client, requests } = await clientOf(
      (_, response) => reply(response, 200, object),
      '/k8s/clusters/c-1/',
    );
    await client.get(configMaps, name);
    expect(requests[0]?.line).toBe(`GET /k8s/clusters/c-1${at}`);
  });

  test('a list gives its items the type that the server says once, and the way to the next page', async () => {
    const { client, requests } = await clientOf((_, response) =>
      reply(response, 200, {
        apiVersion: 'v1',
        kind: 'ConfigMapList',
        metadata: { resourceVersion: '7', continue: 'next' },
        items: [{ metadata: object.metadata, data: {} }],
      }),
    );
    const page = await client.list(configMaps, { labelSelector: 'a=b', limit: 2, continue: 'this' });
    expect(page).toEqual({ items: [object], resourceVersion: '7', continue: 'next' });
    expect(requests[0]?.line).toBe('GET /api/v1/configmaps?labelSelector=a%3Db&limit=2&continue=this');
  });

  test('share a connection when they follow each other', async () => {
    const { client, server } = await clientOf((_, response) => reply(response, 200, object));
    for (let i = 0; i < 20; i++) await client.get(configMaps, name);
    expect(server.accepted).toBeLessThanOrEqual(2);
  });

  test('hand on the warnings of the server', async () => {
    const { client, warnings } = await clientOf((_, response) =>
      reply(response, 200, object, {
        warning: '299 - "unknown field \\"spec.x\\"", 299 - "v1beta1 is deprecated"',
      }),
    );
    await client.get(configMaps, name);
    expect(warnings).toEqual(['unknown field "spec.x"', 'v1beta1 is deprecated']);
  });
});

describe('errors', () => {
  const answered = async (status: number, body: object | string, headers = {}) => {
    const { client } = await clientOf((_, response) => reply(response, status, body, headers));
    return (await client.get(configMaps, name).catch((error: unknown) => error)) as ApiError;
  };

  test('say what the server said', async () => {
    const error = await answered(404, {
      kind: 'Status',
      reason: 'NotFound',
      message: 'configmaps "a" not found',
      code: 404,
    });
    expect(error).toBeInstanceOf(ApiError);
    expect(isNotFound(error)).toBe(true);
    expect(isConflict(error)).toBe(false);
    expect(error).toMatchObject({ code: 404, reason: 'NotFound', message: 'configmaps "a" not found' });
    expect(error.request).toBe('GET /api/v1/namespaces/default/configmaps/a');
  });

  test('that are no Status show the text', async () => {
    expect((await answered(502, 'upstream is away\n')).message).toBe('upstream is away');
    expect((await answered(502, '')).message).toMatch(/answered GET .* with status 502/);
  });

  test('carry the time that the server asks for', async () => {
    expect((await answered(429, 'slow down', { 'retry-after': '3' })).retryAfter).toBe(3);
    expect((await answered(503, { details: { retryAfterSeconds: 4 } })).retryAfter).toBe(4);
  });

  test('of the network name the request', async () => {
    const { client } = await clientOf((request) => request.socket.destroy());
    await expect(client.get(configMaps, name)).rejects.toThrow(
      /^GET \/api\/v1\/namespaces\/default\/configmaps\/a: ./,
    );
  });

  test('a server that does not answer is given up', async () => {
    const { client } = await clientOf(() => {});
    await expect(client.get(configMaps, name, { timeoutMs: 50 })).rejects.toThrow('no answer to GET');
  });

  describe('credentials', () => {
    /** A connection whose credentials are these, one after the other, and a server that takes the last one. */
    async function renewed(...tokens: string[]) {
      const credentials = tokens.map((token) => ({ headers: { authorization: `Bearer ${token}` } }));
      const seen: (string | undefined)[] = [];
      const server = await serve(({ headers }, response) => {
        seen.push(headers.authorization);
        response.statusCode = headers.authorization === 'Bearer good' ? 200 : 401;
        response.end(JSON.stringify(configMap('a', '1')));
      });
      const { dispatcher } = await server.connection.authorize();
      const connection: Connection = {
        ...server.connection,
        async authorize(rejected) {
          const at = rejected ? credentials.indexOf(rejected.credential as (typeof credentials)[0]) + 1 : 0;
          const credential = credentials[Math.min(at, credentials.length - 1)];
          if (!credential) throw new Error('the plugin failed');
          return { headers: credential.headers, dispatcher, credential };
        },
      };
      return { client: new RestClient(connection), seen };
    }

    test('that the server does not take are renewed once, for a watch, too', async () => {
      const { client, seen } = await renewed('old', 'good');
      await client.get(configMaps, name);
      await collect(client.watch(configMaps, { resourceVersion: '5' })).catch(() => {});
      expect(seen).toEqual(['Bearer old', 'Bearer good', 'Bearer old', 'Bearer good']);
    });

    test('that cannot be renewed are not tried again', async () => {
      const { client, seen } = await renewed('old');
      await expect(client.get(configMaps, name)).rejects.toMatchObject({ code: 401 });
      expect(seen).toEqual(['Bearer old']);
    });

    test('that are renewed and not taken either are not renewed once more', async () => {
      const { client, seen } = await renewed('old', 'older', 'good');
      await expect(client.get(configMaps, name)).rejects.toMatchObject({ code: 401 });
      expect(seen).toEqual(['Bearer old', 'Bearer older']);
    });

    test('that are not there fail a request with the reason', async () => {
      const { client } = await renewed();
      await expect(client.get(configMaps, name)).rejects.toThrow('the plugin failed');
    });

    test('have their own time, which no limit of a request ends, and the caller does', async () => {
      const slow = Promise.withResolvers<Authorization>();
      const { connection } = await serve((_, response) => response.end(JSON.stringify(configMap('a', '1'))));
      const clock = new ManualClock();
      const client = new RestClient({ ...connection, authorize: () => slow.promise }, { clock });
      const stop = new AbortController();
      const ended = expect(client.get(configMaps, name, { signal: stop.signal })).rejects.toThrow('enough');
      const waits = client.get(configMaps, name, { timeoutMs: 1000 });
      clock.advance(60_000);
      stop.abort(new Error('enough'));
      await ended;
      slow.resolve(await connection.authorize());
      expect(await waits).toMatchObject({ metadata: { name: 'a' } });
    });
  });

  test('a caller that gives up gets its own reason', async () => {
    const stop = new AbortController();
    const { client } = await clientOf(() => stop.abort(new Error('enough')));
    await expect(client.get(configMaps, name, { signal: stop.signal })).rejects.toThrow('enough');
  });
});

describe('watch', () => {
  const line = (type: string, object: object): string => `${JSON.stringify({ type, object })}\n`;
  const watch = async (send: (response: ServerResponse) => void, options = {}) => {
    const { client, requests } = await clientOf((_, response) => send(response));
    return { requests, events: client.watch<ConfigMap>(configMaps, { resourceVersion: '5', ...options }) };
  };
  const a = configMap('a', '6', { text: 'Grüße, 世界 🐭' });

  test('asks for bookmarks, and gives each event until the server ends', async () => {
    const { events, requests } = await watch((r) => r.end(line('ADDED', a) + line('DELETED', a)), {
      timeoutSeconds: 9,
    });
    expect(await collect(events)).toEqual([
      { type: 'ADDED', object: a },
      { type: 'DELETED', object: a },
    ]);
    expect(requests[0]?.line).toBe(
      'GET /api/v1/configmaps?resourceVersion=5&timeoutSeconds=9&watch=true&allowWatchBookmarks=true',
    );
  });

  test('asks for all that exists, not older than now', async () => {
    const { client, requests } = await clientOf((_, response) => response.end());
    await collect(client.watch(configMaps, { sendInitialEvents: true }));
    expect(requests[0]?.line).toBe(
      'GET /api/v1/configmaps?sendInitialEvents=true&resourceVersionMatch=NotOlderThan&watch=true&allowWatchBookmarks=true',
    );
  });

  test('puts together what arrives byte by byte', async () => {
    const { events } = await watch(async (response) => {
      response.socket?.setNoDelay(true);
      for (const byte of Buffer.from(line('ADDED', a))) {
        response.write(Buffer.of(byte));
        await new Promise(setImmediate);
      }
      response.end();
    });
    expect(await collect(events)).toEqual([{ type: 'ADDED', object: a }]);
  });

  test.each<[string, (response: ServerResponse) => void]>([
    ['an orderly end', (response) => response.end()],
    ['silence', () => {}],
  ])('ends without error at %s in the middle of a line, which is dropped', async (_, end) => {
    const send = (response: ServerResponse): void =>
      void response.write(`${line('ADDED', a)}{"type":"MOD`, () => end(response));
    const { events } = await watch(send, { idleTimeoutMs: 100 });
    expect(await collect(events)).toEqual([{ type: 'ADDED', object: a }]);
  });

  test('throws when the connection breaks, after the events that came whole', async () => {
    const { events } = await watch((response) => {
      response.write(`${line('ADDED', a)}{"type":`, () => response.socket?.resetAndDestroy());
    });
    const seen: string[] = [];
    const read = async (): Promise<void> => {
      for await (const { type } of events) seen.push(type);
    };
    await expect(read()).rejects.toThrow('GET /api/v1/configmaps: ');
    expect(seen).toEqual(['ADDED']);
  });

  test.each<[string, (response: ServerResponse) => void]>([
    ['as an event', (r) => void r.write(line('ERROR', { code: 410, reason: 'Expired', message: 'too old' }))],
    ['as an answer', (r) => reply(r, 410, { code: 410, reason: 'Gone', message: 'too old' })],
  ])('says that its resourceVersion has expired, sent %s', async (_, send) => {
    const { events } = await watch(send);
    const error = await collect(events).catch((e: unknown) => e);
    expect(isGone(error)).toBe(true);
    expect(error).toMatchObject({ message: 'too old' });
  });

  test('hands on how long a busy server wants to be left alone', async () => {
    const { events } = await watch((r) => reply(r, 429, 'busy', { 'retry-after': '5' }));
    await expect(collect(events)).rejects.toMatchObject({ code: 429, retryAfter: 5, message: 'busy' });
  });

  test('refuses a line that does not end', async () => {
    const { events } = await watch((response) => {
      const chunk = 'x'.repeat(1024 * 1024);
      const more = (): void => void (response.destroyed || response.write(chunk, more));
      more();
    });
    await expect(collect(events)).rejects.toThrow('a line of more than 16777216 bytes');
  });

  test('gives up a server that does not accept it', async () => {
    const { events } = await watch(() => {}, { timeoutMs: 100 });
    await expect(collect(events)).rejects.toThrow('Headers Timeout');
  });

  test('ends its connection when the reader leaves, and when the signal aborts', async () => {
    const closed = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
    let number = 0;
    const stop = new AbortController();
    const send = (response: ServerResponse): void => {
      response.on('close', closed[number++ as 0 | 1].resolve).write(line('ADDED', a));
    };
    const { client } = await clientOf((_, response) => send(response));
    for await (const _ of client.watch(configMaps, { resourceVersion: '5' })) break;
    await closed[0].promise;
    const aborted = (async () => {
      for await (const _ of client.watch(configMaps, { resourceVersion: '5', signal: stop.signal })) {
        stop.abort(new Error('enough'));
      }
    })();
    await expect(aborted).rejects.toThrow('enough');
    await closed[1].promise;
  });
});

test('each request is reported, with the code of its answer or none', async () => {
  const reports: string[] = [];
  const server = await serve((request, response) => {
    if (request.method === 'DELETE') response.destroy();
    else reply(response, request.method === 'POST' ? 409 : 200, {});
  });
  const onRequest = ({ verb, resource, method, host, code }: RequestReport) =>
    void reports.push([verb, resource, method, host, code].join(' '));
  const client = new RestClient(server.connection, { onRequest });
  await client.get(services, name);
  await client.create(configMaps, configMap('a', '1'), { fieldManager }).catch(() => {});
  await collect(client.watch(configMaps, { resourceVersion: '1' })).catch(() => {});
  await client.delete(configMaps, name).catch(() => {});
  const { host } = new URL(server.url);
  expect(reports).toEqual([
    `get services.serving.knative.dev GET ${host} 200`,
    `create configmaps POST ${host} 409`,
    `watch configmaps GET ${host} 200`,
    `delete configmaps DELETE ${host} `,
  ]);
});
