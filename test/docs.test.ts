import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { apiVersion, inferenceModels, inferenceProfiles } from '#api/group.ts';
import { parseInferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import { parseInferenceProfile } from '#api/v1alpha1/profile.ts';
import { parseInferenceRuntime } from '#api/v1alpha1/runtime.ts';
import { version } from '#base/version.ts';
import { pages } from '#release/docs/pages.ts';
import { withSection } from '#release/docs/section.ts';
import { synthesize } from '#synth/synthesize.ts';
import { requiredGo } from './cluster/gomodules.ts';
import { differences } from './kserve/differences.ts';
import { blocksOf } from './package/pages.ts';
import { environment } from './support/environment.ts';

const root = join(import.meta.dirname, '..');
const page = (path: string) => readFileSync(join(root, path), 'utf8');
const allPages = globSync('{*.md,docs/**/*.md,charts/*/README.md}', { cwd: root }).sort();

it.each(Object.entries(pages))('%s has what data says now (npm run generate)', (path, fresh) => {
  expect(page(path)).toBe(fresh(page(path)));
});

it.each(differences)('docs/import.md explains: $words', ({ words }) => {
  expect(page('docs/import.md')).toContain(`- ${words}\n`);
});

it('a section is put between its markers, and nowhere without them', () => {
  expect(withSection('a\n<!-- x -->\nold\n<!-- /x -->\nb', 'x', 'new')).toBe(
    'a\n<!-- x -->\nnew\n<!-- /x -->\nb',
  );
  expect(() => withSection('a', 'x', 'new')).toThrow('no lines <!-- x --> and <!-- /x -->');
});

interface Example {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: object;
}

const parsed = (yaml: string): Example[] =>
  parseAllDocuments(yaml).map((document) => document.toJS() as Example);

it('models and runtimes that pages show are ones that this version can serve', async () => {
  const blocks = await Promise.all(allPages.map((path) => blocksOf(path, 'yaml')));
  const ours = blocks
    .flat()
    .flatMap(parsed)
    .filter((object) => object?.apiVersion === apiVersion);
  expect(ours.length).toBeGreaterThan(2);
  for (const object of ours) {
    if (object.kind === inferenceProfiles.kind) parseInferenceProfile(object);
    else if (object.kind !== inferenceModels.kind) parseInferenceRuntime(object);
    else {
      const metadata = { namespace: 'default', uid: '1', ...object.metadata };
      const model = parseInferenceModel({ ...object, metadata });
      expect(synthesize(model, environment())).toMatchObject({ kind: 'Service' });
    }
  }
});

it('the alerts of docs/metrics.md are made of metrics that there are', async () => {
  const [rules = ''] = await blocksOf('docs/metrics.md', 'yaml');
  const exprs = [...rules.matchAll(/expr: (.*)/g)].map(([, expr = '']) => expr);
  const names = exprs.flatMap((expr) => expr.match(/[a-z]+(_[a-z]+)+(?=[[{])/g) ?? []);
  expect(names.length).toBeGreaterThanOrEqual(exprs.length);
  const table = page('docs/metrics.md');
  for (const name of names) expect(table).toContain(`\`${name.replace(/_bucket$/, '')}\``);
});

it.each([...allPages, 'charts/dormouse/templates/NOTES.txt'])(
  '%s names the file that npm pack makes now, and nothing of npm by our name',
  (path) => {
    for (const [, named] of page(path).matchAll(/\/dormouse-(\d\S*)\.tgz/g)) expect(named).toBe(version);
    expect(page(path)).not.toMatch(/npx dormouse|npm (install|i) (-g |--global )?dormouse/);
  },
);

it('README.md says what the demo takes, and how big the CRDs are', async () => {
  const tens = Math.round(page('manifests/crds.yaml').length / 10_000) * 10;
  expect(page('README.md')).toContain(`about ${tens} KB`);
  expect(page('README.md')).toContain(`Go ${await requiredGo('knative')} or newer`);
});
