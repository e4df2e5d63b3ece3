import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openBaseline } from '#cli/cluster/baseline.ts';
import { synthesize } from '#synth/synthesize.ts';
import { environment } from '../../support/environment.ts';
import { manifest, model } from '../../support/models.ts';
import { irisYaml, renderedWith } from '../../support/rendered.ts';

/** What `kubectl get -o json` gave of these objects. */
async function saved(...items: readonly object[]) {
  return savedAlone(configMap('config-network', {}), ...items);
}

async function savedAlone(...items: readonly object[]) {
  const folder = await mkdtemp(join(tmpdir(), 'dormouse-against-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const source = join(folder, 'saved.json');
  await writeFile(source, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  const baseline = await openBaseline({ source });
  return { ...baseline, where: 'saved.json' };
}

const owned = { name: 'iris', uid: 'u1' };
const configMap = (name: string, data: object) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'knative-serving' },
  data,
});
/** The Service as an older operator would have made it: with another revision than today's. */
function older(metadata: object) {
  const live = synthesize(
    model({}, metadata),
    environment({ 'config-defaults': { 'revision-timeout-seconds': '77' } }),
  );
  return live as typeof live & { metadata: object };
}
const live = older(owned);
const inferenceModel = manifest(model().spec, { ...owned, namespace: 'default' });

test('without it, today’s synthesis is rendered', async () => {
  const { services } = await renderedWith({}, irisYaml);
  expect(services).toMatchObject([{ spec: { template: { spec: { timeoutSeconds: 300 } } } }]);
});

test('a live revision is held, with the owner that the controller would write', async () => {
  const baseline = await saved(live, inferenceModel);
  const { services, said } = await renderedWith({ baseline }, irisYaml);
  expect(services).toEqual([live]);
  expect(said).toBe(`rendered for saved.json: held as they run: ${live.spec.template.metadata.name}`);
});

test('so is one that was rendered, where there is no controller', async () => {
  const rendered = older({});
  const { services } = await renderedWith({ baseline: await saved(rendered) }, irisYaml);
  expect(services).toEqual([rendered]);
});

test('what the user changed makes a new revision, for the settings of that cluster', async () => {
  const settings = configMap('config-defaults', { 'revision-timeout-seconds': '88' });
  const baseline = await saved(live, inferenceModel, settings);
  const { services, said } = await renderedWith({ baseline }, irisYaml.replace('iris:1', 'iris:2'));
  expect(services).toMatchObject([{ spec: { template: { spec: { timeoutSeconds: 88 } } } }]);
  expect(said).toBe('rendered for saved.json: it runs none of these models yet as they are now');
});

test("a setting that the cluster lacks is to be changed in the object of Knative's operator, where that keeps it", async () => {
  const owner = {
    apiVersion: 'operator.knative.dev/v1beta1',
    kind: 'KnativeServing',
    name: 'serving',
    uid: 'k',
  };
  const { metadata, ...settings } = configMap('config-features', { 'multi-container': 'disabled' });
  const baseline = await saved({ ...settings, metadata: { ...metadata, ownerReferences: [owner] } });
  const fetched = irisYaml.replace(
    /spec: .*/,
    'spec: { model: { format: sklearn, uri: "s3://models/iris" } }',
  );
  expect((await renderedWith({ baseline }, fetched)).said).toContain('kubectl patch knativeserving serving');
});

test.each<[string, object, object[]]>([
  ['somebody else’s', { metadata: { ...live.metadata, ownerReferences: undefined, labels: {} } }, []],
  [
    'rendered, and there is a model that does not own it',
    { metadata: { ...live.metadata, ownerReferences: undefined } },
    [inferenceModel],
  ],
])('a Service that is %s is refused', async (_, change, others) => {
  const baseline = await saved({ ...live, ...change }, ...others);
  const { services, said } = await renderedWith({ baseline }, irisYaml);
  expect(services).toEqual([]);
  expect(said).toContain(
    '1.yaml: metadata.name: a Knative Service named iris exists and is not of this model',
  );
});

test('the Service that a deleted model left behind is not held', async () => {
  const baseline = await saved(live, manifest(model().spec, { name: 'iris', uid: 'u2' }));
  const { services } = await renderedWith({ baseline }, irisYaml);
  expect(services).toMatchObject([
    { metadata: { ownerReferences: [{ uid: 'u2' }] }, spec: { template: { spec: { timeoutSeconds: 300 } } } },
  ]);
});

test('bounds of scale that no controller brings to a revision that exists are told, with the command that does', async () => {
  const rendered = older({});
  const { said } = await renderedWith(
    { baseline: await saved(rendered) },
    irisYaml.replace('spec: {', 'spec: { scale: { minReplicas: 2 },'),
  );
  expect(said).toContain(
    `1.yaml: spec.scale: no controller brings the new bounds to a revision that exists: do it with kubectl annotate --overwrite revision ${rendered.spec.template.metadata.name} -n default autoscaling.knative.dev/min-scale=2`,
  );
});

test('a model without a namespace is looked for in that of the flag', async () => {
  const rendered = older({ namespace: 'team-a' });
  const baseline = await saved(rendered);
  const source = irisYaml.replace(', namespace: default', '');
  expect((await renderedWith({ baseline, namespace: 'team-a' }, source)).services).toEqual([rendered]);
  expect((await renderedWith({ baseline }, source)).services).not.toEqual([rendered]);
});

test.each<[string, object[]]>([
  ['nothing, as of a "kubectl get" that failed', []],
  ['what was not asked for all', [live, inferenceModel]],
  ['other things', [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' } }]],
])('a saved file with %s is no cluster', async (_, items) => {
  const baseline = await savedAlone(...items);
  const { services, said } = await renderedWith({ baseline }, irisYaml);
  expect(services).toEqual([]);
  expect(said).toMatch(
    /^\w+Error: saved.json: has no ConfigMap of knative-serving, so is no saved cluster: save one with kubectl get /,
  );
});

test('a saved file that is not there is told', async () => {
  const baseline = await openBaseline({ source: 'missing.yaml' });
  expect((await renderedWith({ baseline }, irisYaml)).said).toBe('PlainError: missing.yaml: no such file');
});
