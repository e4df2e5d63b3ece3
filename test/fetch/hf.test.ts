import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { failureOf, fetchInto, type Options, temporaryFolder } from '../support/fetching.ts';
import { cutAfter } from '../support/fileserver.ts';
import { type HubFile, type HubOptions, type HubRepo, serveHub } from '../support/hub.ts';

const [one, two] = ['1'.repeat(40), '2'.repeat(40)];
const weights = randomBytes(1_000_000);
const token = 'hf_secret';
const lfs = (content: Buffer): HubFile => ({ content, isLfs: true });
const git = (text: string): HubFile => ({ content: Buffer.from(text) });
const files: Readonly<Record<string, HubFile>> = {
  'config.json': git('{}'),
  'model.safetensors': lfs(weights),
  'pytorch_model.bin': lfs(randomBytes(10)),
  'onnx/model.onnx': lfs(randomBytes(10)),
  'empty.txt': git(''),
  'tokenizer/ü #1.json': git('["ü"]'),
};
const repoOf = (tree: HubRepo['commits'][string], more: Partial<HubRepo> = {}): HubRepo => ({
  refs: { main: one },
  commits: { [one]: tree },
  ...more,
});

async function fetchHf(uri: string, hub: Omit<HubOptions, 'token'>, options: Options = {}) {
  const { url, requests } = await serveHub({ token, ...hub });
  const folder = await temporaryFolder();
  const env = { HF_ENDPOINT: url, ...options.env };
  const fetching = fetchInto(folder, uri, { partSize: 100_000, concurrency: 3, ...options, env });
  return { folder, fetching, requests, url };
}

const namesIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((name) => name !== '.dormouse-complete')
    .sort();

test('all files of a repository come, but for the same weights in other forms', async () => {
  const { folder, fetching, requests } = await fetchHf('hf://org/m', {
    repos: { 'org/m': repoOf(files) },
    pageSize: 2,
  });
  const { marker } = await fetching;
  expect(await namesIn(folder)).toEqual([
    'config.json',
    'empty.txt',
    'model.safetensors',
    'tokenizer/ü #1.json',
  ]);
  expect(weights.equals(await readFile(join(folder, 'model.safetensors')))).toBe(true);
  expect(marker).toMatchObject({ uri: 'hf://org/m', revision: one });
  expect(requests.filter(({ url }) => url.includes('/tree/'))).toHaveLength(4);
});

test.each([
  ['hf://org/m/tokenizer', {}, ['ü #1.json']],
  ['hf://org/m@main/pytorch_model.bin', {}, ['pytorch_model.bin']],
  ['hf://org/m@refs/pr/7', {}, ['config.json']],
  ['hf://org/m@a%2Fb', {}, ['config.json']],
  ['hf://gpt2', {}, ['config.json']],
  ['hf://org/m', { include: ['*.json'] }, ['config.json', 'tokenizer/ü #1.json']],
  ['hf://org/m', { include: ['onnx/', 'config.json'] }, ['config.json', 'onnx/model.onnx']],
  ['hf://org/m', { exclude: ['*.safetensors', 'tokenizer/*', 'empty.???'] }, ['config.json']],
])('%s %o', async (uri, options, names) => {
  const few = { 'config.json': git('{}') };
  const repos = {
    'org/m': repoOf(files, {
      refs: { main: one, 'refs/pr/7': two, 'a/b': two },
      commits: { [one]: files, [two]: few },
    }),
    gpt2: repoOf(few),
  };
  const { folder, fetching } = await fetchHf(uri, { repos }, options);
  await fetching;
  expect(await namesIn(folder)).toEqual(names);
});

test('all files are of one commit, though the branch moves meanwhile', async () => {
  const moving: HubRepo = {
    refs: { main: one },
    commits: {
      [one]: { 'a.json': git('one'), 'model.safetensors': lfs(weights), 'z.json': git('one') },
      [two]: { 'a.json': git('two'), 'model.safetensors': lfs(randomBytes(9)), 'z.json': git('two') },
    },
  };
  const { folder, fetching } = await fetchHf('hf://org/m', {
    repos: { 'org/m': moving },
    before({ url }) {
      if (url.includes('/tree/')) moving.refs.main = two;
      return false;
    },
  });
  expect((await fetching).marker.revision).toBe(one);
  for (const name of ['a.json', 'z.json']) expect(await readFile(join(folder, name), 'utf8')).toBe('one');
});

test('cut again and again, and with links that expire, the bytes are the same', async () => {
  let count = 0;
  const { folder, fetching, requests } = await fetchHf('hf://org/m', {
    repos: { 'org/m': repoOf(files) },
    before({ host }, response) {
      count += 1;
      if (host === 'cdn' && count % 5 === 4) {
        response.writeHead(403).end();
        return true;
      }
      if (host === 'cdn' && count % 3 === 0) cutAfter(response, 30_000);
      return false;
    },
  });
  await fetching;
  expect(weights.equals(await readFile(join(folder, 'model.safetensors')))).toBe(true);
  expect(requests.length).toBeGreaterThan(15);
});

test('a token goes to the hub alone', async () => {
  const { fetching, requests } = await fetchHf(
    'hf://org/m',
    { repos: { 'org/m': repoOf(files, { private: true, gated: true }) } },
    { env: { HF_TOKEN: ` ${token}\n` } },
  );
  await fetching;
  const told = (host: string) => new Set(requests.filter((r) => r.host === host).map((r) => r.authorization));
  expect([told('hub'), told('cdn')]).toEqual([new Set([`Bearer ${token}`]), new Set([undefined])]);
});

test('a content that is not what the hub says is refused; what else came is kept', async () => {
  const wrong = { ...lfs(weights), sha256: 'a'.repeat(64) };
  const repos = { 'org/m': repoOf({ 'config.json': git('{}'), 'model.safetensors': wrong }) };
  const { folder, fetching } = await fetchHf('hf://org/m', { repos });
  const error = await failureOf(fetching);
  expect(error.message).toMatch(
    /^hf:\/\/org\/m\/model\.safetensors: its digest is sha256:\w{64}, not the published sha256:a{64}: .* fetch it again/,
  );
  expect(await namesIn(folder)).toEqual([
    '.dormouse-partial/model/config.json',
    '.dormouse-partial/plan.json',
  ]);
});

test('the hub that asks for patience is asked again when it says', async () => {
  let isAsked = false;
  const lines: string[] = [];
  const { fetching } = await fetchHf(
    'hf://org/m',
    {
      repos: { 'org/m': repoOf(files) },
      before({ url }, response) {
        if (!url.includes('/tree/') || isAsked) return false;
        isAsked = true;
        response.writeHead(429, { ratelimit: '"api";r=0;t=55' }).end();
        return true;
      },
    },
    { lines },
  );
  await fetching;
  expect(lines[0]).toMatch(/answered 429: give a token in HF_TOKEN, .*; trying again in 55\.0 s/);
});

describe('failures are one sentence', () => {
  const repos = {
    'org/m': repoOf(files),
    'org/gated': repoOf(files, { gated: true }),
    'org/private': repoOf(files, { private: true }),
  };
  test.each<[string, Options, RegExp]>([
    [
      'hf://org/gated',
      {},
      /^hf:\/\/org\/gated: access is denied \(401 GatedRepo: Access to model org\/gated is restricted.*\): accept the terms at http:\/\/127.0.0.1:\d+\/org\/gated, and give a token of that account in HF_TOKEN\.$/,
    ],
    [
      'hf://org/private',
      {},
      /access is denied \(401: Invalid username or password\): check the URI; a private/,
    ],
    [
      'hf://org/none',
      { env: { HF_TOKEN: token } },
      /nothing \(404 RepoNotFound: .*\): check the URI; a private/,
    ],
    [
      'hf://org/m',
      { env: { HF_TOKEN: 'hf_wrong' } },
      /access is denied \(401: .*\): make a new token, and set HF_TOKEN/,
    ],
    [
      'hf://org/m@v9',
      {},
      /nothing \(404 RevisionNotFound: Invalid rev id: v9\): check what stands behind the @/,
    ],
    ['hf://org/m/none', {}, /no such file or folder in commit 1{40}: check the URI\.$/],
    ['hf://org/m', { include: ['*.gguf'] }, /of its 6 files \(.*, \.\.\.\) include and exclude leave none/],
    ['hf://org/m', { env: { HF_ENDPOINT: 'http://127.0.0.1:1' } }, /no server answers.*: check HF_ENDPOINT/],
    ['hf://org/m', { flags: { endpoint: 'ftp://x' } }, /^--endpoint is no URL/],
  ])('%s %o', async (uri, options, sentence) => {
    const { fetching } = await fetchHf(uri, { repos }, options);
    const error = await failureOf(fetching);
    expect(error.message).toMatch(sentence);
    expect(error.message).not.toMatch(/hf_(secret|wrong)/);
  });

  test('what a server answers that is no hub', async () => {
    const { fetching } = await fetchHf('hf://org/m', {
      repos,
      before(_, response) {
        response.writeHead(200).end('<html>');
        return true;
      },
    });
    expect((await failureOf(fetching)).message).toMatch(/is not what the hub says: check HF_ENDPOINT/);
  });
});
