import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const tests = join(import.meta.dirname, '..');
const lists = (await readdir(tests, { recursive: true })).filter(
  (path) => path.endsWith('.txt') && !path.endsWith('cel-rules.txt'),
);

describe.each(lists)('%s', (list) => {
  test('names each package once, in one version, in order', async () => {
    const lines = (await readFile(join(tests, list), 'utf8')).trimEnd().split('\n');
    const names = lines.map((line) => /^([\w.-]+)==[\w.]+$/.exec(line)?.[1]);
    expect(names).not.toContain(undefined);
    expect(new Set(names).size).toBe(lines.length);
    expect(lines).toEqual(lines.toSorted());
  });
});

test('there are lists of packages', () => {
  expect(lists).toContain('images/iris/requirements.txt');
});
