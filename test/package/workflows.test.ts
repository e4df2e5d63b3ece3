import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import packageJson from '../../package.json' with { type: 'json' };
import { runTool } from '../support/tools.ts';

const files = globSync('.github/workflows/*.yaml', { cwd: join(import.meta.dirname, '../..') }).sort();
const read = (file: string) => readFileSync(join(import.meta.dirname, '../..', file), 'utf8');

it('actionlint finds nothing', async () => {
  expect(files.length).toBeGreaterThan(0);
  // Without what this machine may or may not have.
  const paths = files.map((file) => join(import.meta.dirname, '../..', file));
  await expect(runTool('actionlint', ['-shellcheck=', '-pyflakes=', ...paths])).resolves.toBe('');
});

it.each(files)(
  'every action of %s that is not ours is pinned by its commit, with its version beside it',
  (file) => {
    const actions = [...read(file).matchAll(/uses: (?!\.\/)(\S+)(.*)/g)];
    expect(actions.length).toBeGreaterThan(0);
    for (const [, action, comment] of actions) {
      expect(action).toMatch(/@[0-9a-f]{40}$/);
      expect(comment).toMatch(/^ # v\d+\.\d+\.\d+$/);
    }
  },
);

it.each(files)('%s may do nothing that a job does not ask for', (file) => {
  expect(read(file)).toMatch(/^permissions: (\{\}|\{ contents: read \})$/m);
});

it('a release is made of what passes all tests, and is not sent to npm, where the name is of somebody else', () => {
  const { jobs } = parse(read('.github/workflows/release.yaml'));
  expect(jobs.check.uses).toBe('./.github/workflows/check.yaml');
  expect(jobs.release.needs).toBe('check');
  expect(JSON.stringify(jobs)).not.toMatch(/npm publish|npm pkg delete/);
  expect(packageJson.private).toBe(true);
});
