import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { filesOf } from '#cli/input/files.ts';

async function folderWith(...names: string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dormouse-files-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const name of names) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), '');
  }
  return folder;
}

test('a folder stands for its YAML and JSON, sorted, and that of all folders below', async () => {
  const folder = await folderWith(
    'b.yml',
    'a.yaml',
    'c/d/e.json',
    'README.md',
    '.git/x.yaml',
    '.hidden.yaml',
  );
  const found = await filesOf([folder]);
  expect(found.map((file) => file.slice(folder.length + 1))).toEqual(['a.yaml', 'b.yml', 'c/d/e.json']);
});

test('files keep the order in which they were named, and standard input its place among them', async () => {
  const folder = await folderWith('z.yaml', 'below/a.yaml');
  const paths = [join(folder, 'z.yaml'), '-', join(folder, 'below'), 'missing.yaml'];
  expect(await filesOf(paths)).toEqual([paths[0], '-', join(folder, 'below', 'a.yaml'), 'missing.yaml']);
});

test('a folder without any is refused', async () => {
  const folder = await folderWith('README.md');
  await expect(filesOf([folder])).rejects.toThrow(/has no \.yaml, \.yml or \.json file$/);
});

test('standard input named twice is refused', async () => {
  await expect(filesOf(['-', '-'])).rejects.toThrow('can be read only once');
});
