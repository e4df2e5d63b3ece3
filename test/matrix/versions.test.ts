import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { requiredVersion } from '../cluster/gomodules.ts';
import { matrix, minorOf } from './versions.ts';

it('the README has a line for each pair of versions that is tested, and no other', async () => {
  const readme = await readFile(join(import.meta.dirname, '../../README.md'), 'utf8');
  const usual = {
    kubernetes: minorOf(await requiredVersion('kubernetes', 'k8s.io/kubernetes')),
    knative: minorOf(await requiredVersion('knative', 'knative.dev/serving')),
  };
  const told = [...readme.matchAll(/^\| (1\.\d+) \| (0\.\d+)\b/gm)].map(([, kubernetes, knative]) => ({
    kubernetes,
    knative,
  }));
  const byName = (a: object, b: object) => JSON.stringify(a).localeCompare(JSON.stringify(b));
  expect(told.sort(byName)).toEqual([{}, ...matrix].map((pair) => ({ ...usual, ...pair })).sort(byName));
});
