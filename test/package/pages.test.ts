import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseInferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import { operatorImage } from '#base/image.ts';
import { synthesize } from '#synth/synthesize.ts';
import { findOrBuild } from '../cluster/binaries.ts';
import { run } from '../cluster/exec.ts';
import { requiredVersion } from '../cluster/gomodules.ts';
import { parseObjects } from '../cluster/knative/manifests.ts';
import { progress } from '../cluster/progress.ts';
import { environment } from '../support/environment.ts';
import { manifests } from '../support/install.ts';
import { blocksOf } from './pages.ts';

it('docs/kind.md installs the Knative that the tests run on, and the image that there is', async () => {
  const script = (await blocksOf('docs/kind.md', 'sh')).join('\n');
  // Release 1.n of Knative has the Go modules 0.(n+27).
  const modules = await Promise.all(
    (['knative.dev/serving', 'knative.dev/net-kourier'] as const).map((path) =>
      requiredVersion('knative', path),
    ),
  );
  const releases = modules.map((version) => `v1.${Number(version.split('.')[1]) - 27}`);
  const named = [...script.matchAll(/knative-(v1\.\d+)\.\d+/g)].map(([, release]) => release);
  expect(named).toEqual([releases[0], releases[0], releases[1]]);
  const images = script.match(/dev\.local\/dormouse\S*/g);
  expect(images).toEqual([operatorImage, operatorImage]);
});

it('the model of docs/kind.md is one that a stock Knative can serve', async () => {
  const script = (await blocksOf('docs/kind.md', 'sh')).join('\n');
  const [, yaml = ''] = /<<YAML\n(.*?)^YAML$/ms.exec(script) ?? [];
  const { metadata, ...rest } = parse(yaml);
  const model = { ...rest, metadata: { ...metadata, namespace: 'default', uid: '1' } };
  expect(synthesize(parseInferenceModel(model), environment())).toMatchObject({ kind: 'Service' });
});

it('the kustomization of docs/install.md takes the image from another registry, for models too', async () => {
  const [kustomization = ''] = await blocksOf('docs/install.md', 'yaml');
  const { kubectl } = await findOrBuild(
    ['kubectl'],
    progress(() => {}),
  );
  const folder = await mkdtemp(join(tmpdir(), 'dormouse-kustomize-'));
  try {
    await cp(manifests, join(folder, 'manifests'), { recursive: true });
    await writeFile(join(folder, 'kustomization.yaml'), kustomization);
    const made = parseObjects(await run([kubectl, 'kustomize', folder]));
    const deployment = JSON.stringify(made.find(({ kind }) => kind === 'Deployment'));
    expect(deployment).toContain('"image":"registry.example/dormouse:0.1.0"');
    expect(deployment).toContain('"--fetcher-image=registry.example/dormouse:0.1.0"');
  } finally {
    await rm(folder, { recursive: true });
  }
});
