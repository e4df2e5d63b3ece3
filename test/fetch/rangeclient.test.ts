import { randomBytes } from 'node:crypto';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { RangeClient } from '#fetch/rangeclient.ts';

const content = randomBytes(300_000);
const range = { start: 1000, end: 201_000 };
const part = content.subarray(range.start, range.end);
const file = { id: 'm', path: 'm', where: 'm', size: content.byteLength, etag: '"one"', ranges: true };

const fields = {
  range: `Content-Range: bytes ${range.start}-${range.end - 1}/${content.byteLength}`,
  length: `Content-Length: ${part.byteLength}`,
  etag: 'ETag: "one"',
};
const headOf = (status: string, lines: readonly string[]): string =>
  `${[status, ...lines].join('\r\n')}\r\n\r\n`;
const good = headOf('HTTP/1.1 206 Partial Content', Object.values(fields));
const lie = randomBytes(part.byteLength);

/** What a server sends; whatever does not begin with the good head holds other bytes than the file. */
const answers: Readonly<Record<string, readonly (string | Buffer)[]>> = {
  'the part': [good, part],
  'the part, byte after byte at first': [
    good.slice(0, 5),
    good.slice(5),
    part.subarray(0, 1),
    part.subarray(1),
  ],
  'the part and more': [good, part, 'HTTP/1.1 206 Partial Content\r\n', 'and more'],
  'the part and another answer': [good, part, good, lie],
  'half of the part': [good, part.subarray(0, 1000)],
  '100 before': ['HTTP/1.1 100 Continue\r\n\r\n', good, part],
  '103 before': ['HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n', good, part],
  'the whole file': [
    headOf('HTTP/1.1 200 OK', [`Content-Length: ${content.byteLength}`, fields.etag]),
    content,
  ],
  'another range': [
    headOf('HTTP/1.1 206 Partial Content', [
      'Content-Range: bytes 0-199999/300000',
      fields.length,
      fields.etag,
    ]),
    lie,
  ],
  'another version': [headOf('HTTP/1.1 206 P', [fields.range, fields.length, 'ETag: "two"']), lie],
  'no length': [headOf('HTTP/1.1 206 P', [fields.range, fields.etag]), lie],
  'two lengths': [headOf('HTTP/1.1 206 P', [...Object.values(fields), 'Content-Length: 5']), lie],
  'a coding': [headOf('HTTP/1.1 206 P', [...Object.values(fields), 'Content-Encoding: gzip']), lie],
  'chunks and trailers': [
    headOf('HTTP/1.1 206 P', [...Object.values(fields), 'Transfer-Encoding: chunked']),
    '5\r\nabcde\r\n0\r\nX-Trailer: a\r\n\r\n',
  ],
  'a folded header': [headOf('HTTP/1.1 206 P', ['X: a', ' b', ...Object.values(fields)]), lie],
  'a status that is none': [headOf('HTTP/1.1 2060 P', Object.values(fields)), lie],
  'HTTP/1.0': [headOf('HTTP/1.0 206 P', Object.values(fields)), lie],
  'line feeds alone': [good.replaceAll('\r', ''), lie],
  'a head without end': ['HTTP/1.1 206 P\r\n', 'X: a\r\n'.repeat(20_000)],
  'no HTTP': [lie],
  nothing: [],
};

/** A server that gives one answer after another, then closes the connection where the answer is not the part alone. */
async function serveRaw(next: () => string) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.setNoDelay());
    socket.on('error', () => {});
    socket.on('data', () => {
      const name = next();
      for (const piece of answers[name] ?? []) socket.write(piece);
      if (!name.startsWith('the part')) socket.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { origin: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), close };
}

/** What `get` gave and wrote. */
async function getPart(client: RangeClient, origin: URL) {
  const written: Buffer[] = [];
  const result = await client
    .get({ origin, path: '/', headers: {} }, { file, range }, AbortSignal.timeout(10_000), async (bytes) => {
      written.push(Buffer.from(bytes));
    })
    .catch((error: Error) => error);
  return { result, written: Buffer.concat(written) };
}

test('whatever a server sends, on connections that are used again: what is taken is the part, or its beginning', {
  timeout: 60_000,
}, async () => {
  const property = fc.asyncProperty(
    fc.array(fc.constantFrom(...Object.keys(answers)), { minLength: 1, maxLength: 5 }),
    async (script) => {
      const left = [...script];
      const { origin, close } = await serveRaw(() => left.shift() ?? 'the part');
      const client = new RangeClient();
      try {
        for (const _ of script) {
          const { result, written } = await getPart(client, origin);
          expect(part.subarray(0, written.byteLength).equals(written)).toBe(true);
          if (result === true) expect(written.byteLength).toBe(part.byteLength);
          if (result === false) expect(written.byteLength).toBe(0);
          if (result instanceof Error) expect(result.name).not.toBe('TimeoutError');
        }
      } finally {
        client.close();
        close();
      }
    },
  );
  await fc.assert(property, { numRuns: 150 });
});

test('a server that sends the file in another way is not asked so again', async () => {
  let asked = 0;
  const { origin, close } = await serveRaw(() => {
    asked += 1;
    return 'chunks and trailers';
  });
  onTestFinished(close);
  const client = new RangeClient();
  for (const _ of [1, 2, 3]) expect((await getPart(client, origin)).result).toBe(false);
  expect(asked).toBe(1);
});
