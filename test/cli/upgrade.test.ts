import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openAgainst } from '../../src/cli/against.ts';
import { planOf } from '../../src/cli/upgrade/plan.ts';
import { synthesize } from '../../src/synth/synthesize.ts';
import { environment } from '../support/environment.ts';
import { manifest, model } from '../support/models.ts';

const older = environment({ 'config-defaults': { 'revision-timeout-seconds': '77' } });

/** A model as a cluster has it, with the Service that an older version or today's has made of it. */
function running(name: string, namespace: string, made = environment()): object[] {
  const metadata = { name, namespace, uid: `uid-of-${name}` };
  return [manifest(model().spec, metadata), synthesize(model({}, metadata), made)];
}

/** What `dormouse upgrade --plan --against saved.json` finds: each model and its state. */
async function planned(saved: readonly object[], names: readonly string[] = [], namespace?: string) {
  const folder = await mkdtemp(join(tmpdir(), 'dormouse-upgrade-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const source = join(folder, 'saved.json');
  await writeFile(source, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: saved }));
  const against = { ...(await openAgainst({ source })), where: 'saved.json' };
  const { fetcherImage, allowance } = environment();
  const plan = await planOf({ against, names, namespace, fetcherImage, allowance });
  return plan.map(({ state, diff }) => `${diff.namespace}/${diff.name} ${state}`);
}

const cluster = [
  ...running('iris', 'default'),
  ...running('churn', 'default', older),
  ...running('churn', 'team-a', older),
  manifest(model().spec, { name: 'new', namespace: 'default', uid: 'uid-of-new' }),
  manifest({ container: {} }, { name: 'wrong', namespace: 'default' }),
];

test('each model is held against what it would become', async () => {
  expect(await planned(cluster)).toEqual([
    'default/iris current',
    'default/churn behind',
    'team-a/churn behind',
    'default/new pending',
    'default/wrong refused',
  ]);
});

test('only some are looked at where a namespace or names are given', async () => {
  expect(await planned(cluster, [], 'team-a')).toEqual(['team-a/churn behind']);
  expect(await planned(cluster, ['churn'])).toEqual(['default/churn behind', 'team-a/churn behind']);
});

test('a model that is not there is told, and that there is none', async () => {
  await expect(planned(cluster, ['iris'], 'team-a')).rejects.toThrow(
    'there is no InferenceModel iris in namespace team-a of saved.json',
  );
  await expect(planned([])).rejects.toThrow('there are no InferenceModels in saved.json');
});
