import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test, vi } from 'vitest';
import { temporaryFolder } from '../../support/fetching.ts';
import { makeCertificate, serveFile } from '../../support/fileserver.ts';

const main = join(import.meta.dirname, '../../../src/main.ts');

// Each test starts processes, which a busy machine starts slowly.
vi.setConfig({ testTimeout: 60_000 });

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

test('in a pod a server that is not there ends the container soon, with what to check; the next run is complete', async () => {
  const folder = await temporaryFolder();
  const log = join(folder, 'termination-log');
  await writeFile(log, '');
  const pod = { KUBERNETES_SERVICE_HOST: '10.0.0.1', DORMOUSE_TERMINATION_LOG: log };
  const keys = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'key\n' };
  const target = join(folder, 'model');
  const { code } = await command(['s3://models/iris', target, '--endpoint', 'http://127.0.0.1:1'], {
    ...pod,
    ...keys,
  });
  expect(code).toBe(2);
  expect(await readFile(log, 'utf8')).toMatch(
    /^s3:\/\/models\/iris from http:\/\/127\.0\.0\.1:1: no server answers .* after 3 tries: check spec\.model\.endpoint/,
  );
  const certificate = await makeCertificate();
  const { url } = await serveFile({ content: Buffer.from('model'), etag: '"one"' }, { certificate });
  const trusted = { ...pod, DORMOUSE_CA_CERTIFICATES: certificate.cert };
  expect((await command([`${url}/m.bin`, target], trusted)).code).toBe(0);
});

test.each([
  {
    name: 'a certificate that is not trusted',
    args: async () => {
      const certificate = await makeCertificate();
      const { url } = await serveFile({ content: Buffer.from('model') }, { certificate });
      return [`${url}/m.bin`];
    },
    want: /under the key DORMOUSE_CA_CERTIFICATES of the Secret that spec\.model\.credentials names/,
  },
  {
    name: 'credentials under other names',
    args: async () => ['s3://models/iris'],
    want: /no usable AWS credentials, and accesskey, secretkey is not read: name a Secret with the keys AWS_ACCESS_KEY_ID/,
  },
  {
    name: 'a scheme that is read at the prompt alone',
    args: async () => ['file:///models/iris'],
    want: /file:\/\/ cannot be read in a pod: use s3:\/\/, gs:\/\/, https:\/\//,
  },
  {
    name: 'an endpoint without a scheme',
    args: async () => ['s3://models/x', '--endpoint', 'minio:9000'],
    want: /--endpoint is "minio:9000", without a scheme: write http:\/\/minio:9000/,
  },
])('advice that fits a pod: $name', async ({ args, want }) => {
  const [uri = '', ...flags] = await args();
  const { said, code } = await command([uri, await temporaryFolder(), ...flags], {
    KUBERNETES_SERVICE_HOST: '10.0.0.1',
    AWS_EC2_METADATA_DISABLED: 'true',
    accesskey: 'a',
    secretkey: 'b',
  });
  expect({ said, code }).toEqual({ said: expect.stringMatching(want), code: 1 });
});
