import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '#base/clock.ts';
import { lockFolder } from '#fetch/lock.ts';
import { failureOf, fastClock, fetchInto, temporaryFolder } from '../support/fetching.ts';
import { type FileServer, serveFile } from '../support/fileserver.ts';

const content = randomBytes(1_000_000);

/** A server that sends the first half of a file at once, and the rest when it may. */
async function slowServer(): Promise<
  FileServer & { readonly half: Promise<void>; readonly goOn: () => void }
> {
  const half = Promise.withResolvers<void>();
  const rest = Promise.withResolvers<void>();
  const server = await serveFile(
    { content, etag: '"one"' },
    {
      handler: ({ headers }, _, serve) => {
        const start = Number(/^bytes=(\d+)/.exec(String(headers.range))?.[1]);
        if (start < 500_000) return serve();
        half.resolve();
        void rest.promise.then(serve);
      },
    },
  );
  return { ...server, half: half.promise, goOn: rest.resolve };
}

/** `dormouse fetch` as a process of its own, which ends with the test. */
function fetching(uri: string, folder: string) {
  const main = join(import.meta.dirname, '../../src/main.ts');
  const args = ['--allow-http', '--part-size', '100k', '--concurrency', '1'];
  const child = spawn(process.execPath, [main, 'fetch', uri, folder, ...args], {
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const lines: string[] = [];
  const reader = createInterface(child.stderr).on('line', (line) => lines.push(line));
  const ended = Promise.all([once(child, 'exit'), once(reader, 'close')]).then(
    ([[code]]) => code as number | null,
  );
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { child, lines, firstLine: once(reader, 'line') as Promise<[string]>, ended };
}

const waiting = /another fetch into it is going on: waiting for its end/;

describe('of two processes that fetch into one folder', { timeout: 60_000 }, () => {
  test('the second waits, then finds the model complete', async () => {
    const { url, requests, half, goOn } = await slowServer();
    const folder = await temporaryFolder();
    const first = fetching(`${url}/model.bin`, folder);
    await half;
    const second = fetching(`${url}/model.bin`, folder);
    expect((await second.firstLine)[0]).toMatch(waiting);
    goOn();
    expect([await first.ended, await second.ended]).toEqual([0, 0]);
    expect(second.lines.at(-1)).toMatch(/already holds .*model\.bin, .*: nothing to do/);
    expect(requests).toHaveLength(11);
    expect(content.equals(await readFile(join(folder, 'model.bin')))).toBe(true);
    expect((await readdir(folder)).sort()).toEqual(['.dormouse-complete', 'model.bin']);
  });

  test('the second waits, then is refused when it wants another model', async () => {
    const { url, half, goOn } = await slowServer();
    const folder = await temporaryFolder();
    const first = fetching(`${url}/model.bin`, folder);
    await half;
    const second = fetching(`${url}/other.bin`, folder);
    expect((await second.firstLine)[0]).toMatch(waiting);
    goOn();
    expect([await first.ended, await second.ended]).toEqual([0, 1]);
    expect(second.lines.at(-1)).toMatch(/already holds .*model\.bin, fetched otherwise/);
  });

  test('the second goes on with what the first has left when that is killed', async () => {
    const { url, requests, half, goOn } = await slowServer();
    const folder = await temporaryFolder();
    const first = fetching(`${url}/model.bin`, folder);
    await half;
    const second = fetching(`${url}/model.bin`, folder);
    await second.firstLine;
    first.child.kill('SIGKILL');
    goOn();
    expect([await first.ended, await second.ended]).toEqual([null, 0]);
    expect(second.lines.join('\n')).toMatch(/going on with what an interrupted run has left/);
    expect(requests.filter((range) => range === 'bytes=0-99999')).toHaveLength(1);
    expect(content.equals(await readFile(join(folder, 'model.bin')))).toBe(true);
  });
});

test('of many that want a lock, one has it at a time', async () => {
  const folder = await temporaryFolder();
  const context = { clock: fastClock(), signal: new AbortController().signal, log: () => {} };
  let [holders, most] = [0, 0];
  const turn = async (): Promise<void> => {
    using _ = await lockFolder(folder, context);
    holders += 1;
    most = Math.max(most, holders);
    await new Promise(setImmediate);
    holders -= 1;
  };
  await Promise.all(Array.from({ length: 20 }, turn));
  expect(most).toBe(1);
  expect(await readdir(folder)).toEqual([]);
});

test('who waits can be asked to stop', async () => {
  const folder = await temporaryFolder();
  const stopped = new AbortController();
  const context = {
    clock: systemClock,
    signal: stopped.signal,
    log: () => stopped.abort(new Error('stopped')),
  };
  using _ = await lockFolder(folder, context);
  await expect(lockFolder(folder, context)).rejects.toThrow('stopped');
});

test('a folder that cannot be locked is refused in a sentence', async () => {
  const folder = await temporaryFolder();
  const source = await temporaryFolder();
  await writeFile(join(source, 'a'), '');
  await mkdir(join(folder, '.dormouse-lock'));
  const error = await failureOf(fetchInto(folder, `file://${source}`));
  expect(error.message).toMatch(
    /\.dormouse-lock: it cannot be locked \(.*\): remove it, or give another folder\.$/,
  );
  expect(error.retryable).toBe(false);
});
