import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { chartFiles, chartFolder } from '#release/install/chart.ts';

const root = join(import.meta.dirname, '..');
const committed = join(root, 'manifests');

it('manifests/ is what the app of cdk8s.yaml makes now (npm run generate)', async () => {
  const { app } = parse(await readFile(join(root, 'cdk8s.yaml'), 'utf8'));
  const fresh = await mkdtemp(join(tmpdir(), 'dormouse-manifests-'));
  try {
    await promisify(execFile)('sh', ['-c', app], {
      cwd: root,
      env: {
        ...process.env,
        PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}`,
        CDK8S_OUTDIR: fresh,
      },
    });
    expect(await contents(fresh)).toEqual(await contents(committed));
  } finally {
    await rm(fresh, { recursive: true });
  }
});

it('the Helm chart has what data says now (npm run generate)', async () => {
  const chart = join(root, chartFolder);
  const fresh = chartFiles(chart);
  const generated = (path: string): boolean => path in fresh || path.startsWith('files/');
  const found = Object.entries(await contents(chart)).map(([path, text]) => [path.slice(1), text] as const);
  expect(Object.fromEntries(found.filter(([path]) => generated(path)))).toEqual(fresh);
});

it('the CRDs together are below 120 KB, as those of KServe are not by far', async () => {
  const text = await readFile(join(committed, 'crds.yaml'), 'utf8');
  expect(text.length).toBeLessThan(120 * 1024);
});

async function contents(folder: string): Promise<Record<string, string>> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
  return Object.fromEntries(
    paths.map((path, index) => [path.slice(folder.length), texts[index] ?? '']).sort(),
  );
}
