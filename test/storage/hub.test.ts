import { randomBytes } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { downloadSnapshot, type Snapshot } from '../clients/huggingface.ts';
import { failureOf, fetchInto, temporaryFolder } from '../support/fetching.ts';
import { type HubFile, serveHub } from '../support/hub.ts';

const commit = '1'.repeat(40);
const token = 'hf_secret';
const git = (text: string): HubFile => ({ content: Buffer.from(text) });
const tree: Readonly<Record<string, HubFile>> = {
  'config.json': git('{}'),
  'README.md': git('# a model'),
  'model-00001-of-00002.safetensors': { content: randomBytes(5_000_000), isLfs: true },
  'model-00002-of-00002.safetensors': { content: randomBytes(3_000_000), isLfs: true },
  'model.safetensors.index.json': git('{"weight_map": {}}'),
  'tokenizer/tokenizer.json': git('{"version": "1.0"}'),
  'tokenizer/a b+c%20ü.json': git('["ü"]'),
};
const repos = {
  'org/m': { refs: { main: commit, v1: commit }, commits: { [commit]: tree } },
  'org/private': { refs: { main: commit }, commits: { [commit]: tree }, private: true },
  'org/gated': { refs: { main: commit }, commits: { [commit]: tree }, gated: true },
};

/** All files below a folder that belong to the model. */
async function filesIn(folder: string): Promise<Record<string, string>> {
  const names = await readdir(folder, { recursive: true });
  const files = names.filter((name) => !/^\.(cache|dormouse-complete)/.test(name)).sort();
  const contents: Record<string, string> = {};
  for (const name of files) {
    const file = join(folder, name);
    if ((await stat(file)).isFile()) contents[name] = (await readFile(file)).toString('base64');
  }
  return contents;
}

test.each<[string, Omit<Snapshot, 'local_dir'>, string]>([
  ['a whole repository', { repo_id: 'org/m', token: false }, 'hf://org/m'],
  ['a tag', { repo_id: 'org/m', revision: 'v1', token: false }, 'hf://org/m@v1'],
  ['a private one', { repo_id: 'org/private', token }, 'hf://org/private'],
  [
    'some files',
    {
      repo_id: 'org/m',
      allow_patterns: ['*.json', 'README.*'],
      ignore_patterns: ['tokenizer/[a]*'],
      token: false,
    },
    'hf://org/m',
  ],
])("the hub's own client and dormouse bring the same files: %s", async (_, snapshot, uri) => {
  const { url } = await serveHub({ repos, token, pageSize: 3 });
  const [theirs, ours, home] = await Promise.all([temporaryFolder(), temporaryFolder(), temporaryFolder()]);
  expect(await downloadSnapshot(url, home, { ...snapshot, local_dir: theirs })).toBeUndefined();
  await fetchInto(ours, uri, {
    partSize: 1_000_000,
    include: snapshot.allow_patterns,
    exclude: snapshot.ignore_patterns,
    env: { HF_ENDPOINT: url, ...(snapshot.token && { HF_TOKEN: snapshot.token }) },
  });
  const files = await filesIn(ours);
  expect(Object.keys(files).length).toBeGreaterThan(3);
  expect(files).toEqual(await filesIn(theirs));
});

test.each([
  ['org/gated', 'GatedRepoError', /GatedRepo/],
  // It tells a missing repository by an address of https alone.
  ['org/none', 'HfHubHTTPError', /401/],
  ['org/m@v9', 'RevisionNotFoundError', /RevisionNotFound/],
])("where the hub's own client is refused, so is dormouse: %s", async (name, error, sentence) => {
  const { url } = await serveHub({ repos, token });
  const [theirs, ours, home] = await Promise.all([temporaryFolder(), temporaryFolder(), temporaryFolder()]);
  const [repo_id = '', revision = 'main'] = name.split('@');
  const raised = await downloadSnapshot(url, home, { repo_id, revision, local_dir: theirs, token: false });
  expect(raised).toBe(error);
  const failure = await failureOf(fetchInto(ours, `hf://${name}`, { env: { HF_ENDPOINT: url } }));
  expect(failure.message).toMatch(sentence);
});
