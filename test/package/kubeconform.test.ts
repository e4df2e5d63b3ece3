import { globSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { helmTemplate, runTool } from '../support/tools.ts';
import { schemaLocation, writeSchemas } from './schemas.ts';

const root = join(import.meta.dirname, '../..');

describe('kubeconform knows every field of', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dormouse-schemas-'));
    await writeSchemas(folder);
  });
  afterAll(() => rm(folder, { recursive: true }));

  const check = (...files: readonly string[]) =>
    runTool('kubeconform', ['-strict', '-schema-location', schemaLocation(folder), ...files]);

  const files = globSync(
    ['manifests/{*,samples/*}.yaml', 'src/catalogue/runtimes/*.yaml', 'test/synth/golden/*.yaml'],
    {
      cwd: root,
    },
  );
  it.each(files.filter((file) => !file.endsWith('kustomization.yaml')).sort())('%s', async (file) => {
    await expect(check(join(root, file))).resolves.toBe('');
  });

  it.each([
    [[]],
    [['namespaces={one,two}', 'metrics.serviceMonitor.enabled=true', 'metrics.serviceMonitor.interval=30s']],
    [
      [
        'networkPolicy.enabled=true',
        'knative.patchFeatures=true',
        'keepModels=true',
        'imagePullSecrets[0].name=registry',
        'cache.prune=[{"namespace":"team","claim":"models","schedule":"0 3 * * *"}]',
      ],
    ],
    [
      [
        'podAnnotations.a=b',
        'podLabels.c=d',
        'serviceAccount.annotations.e=f',
        'tolerations[0].operator=Exists',
      ],
    ],
  ])('the chart with %j', async (values) => {
    const objects = (await helmTemplate(values)).map((object) => stringify(object));
    const file = join(folder, 'chart.yaml');
    await writeFile(file, objects.join('---\n'));
    await expect(check(file)).resolves.toBe('');
  });

  it.each([
    ['replicas: 2', 'replica: 2', /additional properties 'replica' not allowed/],
    ['containerPort: 8080', 'containerPort: metrics', /got string, want integer/],
    ['kind: PodDisruptionBudget', 'kind: PodDisruptionBudgets', /could not find schema/],
  ])('manifests/install.yaml, and would not know it with %s as %s', async (right, wrong, sentence) => {
    const text = await readFile(join(root, 'manifests/install.yaml'), 'utf8');
    const file = join(folder, 'wrong.yaml');
    await writeFile(file, text.replace(right, wrong));
    await expect(check(file)).rejects.toThrow(sentence);
  });
});
