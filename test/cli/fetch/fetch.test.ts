import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../support/fetching.ts';
import { makeCertificate, serveFile } from '../../support/fileserver.ts';

const main = join(import.meta.dirname, '../../../src/main.ts');

/** Runs `dormouse fetch` as a process of its own. */
async function command(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [main, 'fetch', ...args], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, said, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  return { out, said, code };
}

test.each([
  ['NODE_EXTRA_CA_CERTS', (file: string) => file],
  ['AWS_CA_BUNDLE', (file: string) => file],
  ['DORMOUSE_CA_CERTIFICATES', (_: string, pem: string) => pem],
])('a file comes from a server whose CA %s names, and the progress is told in lines', async (name, value) => {
  const certificate = await makeCertificate();
  const folder = await temporaryFolder();
  const bundle = join(folder, 'ca.pem');
  await writeFile(bundle, certificate.cert);
  const { url } = await serveFile({ content: Buffer.from('model'), etag: '"one"' }, { certificate });
  const target = join(folder, 'model');
  const { out, said, code } = await command([`${url}/m.bin`, target], {
    [name]: value(bundle, certificate.cert),
  });
  expect({ out, said, code }).toEqual({
    out: '',
    said: `${url}/m.bin is complete in ${target}: 1 file, 5 B\n`,
    code: 0,
  });
  expect((await readdir(target)).sort()).toEqual(['.dormouse-complete', 'm.bin']);
});

test.each([
  [{ AWS_CA_BUNDLE: '/none/such' }, 'error: AWS_CA_BUNDLE: cannot read /none/such: '],
  [{ DORMOUSE_CA_CERTIFICATES: 'x' }, 'error: DORMOUSE_CA_CERTIFICATES holds no certificate: give PEM'],
])('no certificate authority to trust is found in %j', async (env, sentence) => {
  const { said, code } = await command(['https://localhost:1/m', await temporaryFolder()], env);
  expect(said).toContain(sentence);
  expect(code).toBe(1);
});

describe('a failure is the last line of standard error, the termination message and the exit code', () => {
  test.each<[string, string[], number, RegExp]>([
    ['an unknown scheme', ['ftp://host/x'], 1, /the scheme ftp:\/\/ is unknown/],
    ['plain http', ['http://127.0.0.1:1/x'], 1, /allow it with --allow-http/],
    ['a bad digest', ['https://host/x', '--digest', 'md5:1'], 1, /is not sha256:/],
    ['a bad name', ['https://host/x', '--as', '../x'], 1, /the name "\.\.\/x" .* is no plain file name/],
    ['a bad size', ['https://host/x', '--size', 'big'], 1, /--size is "big": write an amount of bytes/],
    ['a bad number', ['https://host/x', '--concurrency', '0'], 1, /from 1 to 256/],
    ['nothing there', ['file:///none/such'], 1, /no such file or folder/],
  ])('%s', async (_, args, expected, sentence) => {
    const folder = await temporaryFolder();
    const log = join(folder, 'termination-log');
    await writeFile(
      log,
      'an older, much longer message that must not shine through at the end of the new one'.repeat(5),
    );
    const { said, code } = await command([...args.slice(0, 1), join(folder, 'model'), ...args.slice(1)], {
      DORMOUSE_TERMINATION_LOG: log,
    });
    expect(code).toBe(expected);
    expect(said).toMatch(sentence);
    expect(`error: ${await readFile(log, 'utf8')}\n`).toBe(said);
  });
});
