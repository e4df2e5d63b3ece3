import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseInferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import { openBaseline } from '#cli/cluster/baseline.ts';
import { type PlanOptions, planOf } from '#cli/upgrade/plan.ts';
import { synthesize } from '#synth/synthesize.ts';
import { environment } from '../../support/environment.ts';
import { manifest, model } from '../../support/models.ts';
import { operatorObject } from '../../support/operator-object.ts';

const own = model().spec;
const older = environment({ 'config-defaults': { 'revision-timeout-seconds': '77' } });

/** A model as a cluster has it, with the Service that an older version or today's has made of it. */
function running(name: string, namespace: string, made = environment(), spec: object = own): object[] {
  const metadata = { name, namespace, uid: `uid-of-${name}` };
  const stored = manifest(spec, metadata);
  return [stored, synthesize(parseInferenceModel(stored), made)];
}

/** What `dormouse upgrade --plan --against saved.json` finds: each model and its state. */
async function planned(saved: readonly object[], names: readonly string[] = [], namespace?: string) {
  const { fetcherImage, allowance } = environment();
  return (await found(saved, { names, namespace, operatorSettings: { fetcherImage, allowance } })).states;
}

/** The same, with what is said beside it. */
async function found(saved: readonly object[], options: Partial<PlanOptions> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'dormouse-upgrade-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const source = join(folder, 'saved.json');
  await writeFile(source, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: saved }));
  const baseline = { ...(await openBaseline({ source })), where: 'saved.json' };
  const said: string[] = [];
  const all = { baseline, names: [], namespace: undefined, ...options };
  const plan = await planOf(all, (line) => void said.push(line));
  return { states: plan.map(({ state, diff }) => `${diff.namespace}/${diff.name} ${state}`), said };
}

const cluster = [
  ...running('iris', 'default'),
  ...running('churn', 'default', older),
  ...running('churn', 'team-a', older),
  manifest(model().spec, { name: 'new', namespace: 'default', uid: 'uid-of-new' }),
  manifest({ container: {} }, { name: 'wrong', namespace: 'default' }),
];

test('each model is held baseline what it would become', async () => {
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

describe('what the operator was told', () => {
  const spec = { model: { format: 'sklearn', uri: 's3://models/iris' } };
  const fetched = ['a', 'b'].flatMap((namespace) => running('iris', namespace, made(namespace), spec));
  function made(namespace: string) {
    return { ...environment(), fetcherImage: `registry.example/for-${namespace}:1` };
  }
  const operators = ['a', 'b'].map((name) =>
    operatorObject([`--namespaces=${name}`, `--fetcher-image=registry.example/for-${name}:1`], {
      namespace: name,
    }),
  );

  test('is what the Deployment of that says which serves the model', async () => {
    expect(await found([...fetched, ...operators])).toEqual({
      states: ['a/iris current', 'b/iris current'],
      said: [],
    });
  });

  test('is what --config says, before that', async () => {
    const { fetcherImage, allowance } = made('a');
    const { states } = await found([...fetched, ...operators], {
      operatorSettings: { fetcherImage, allowance },
    });
    expect(states).toEqual(['a/iris current', 'b/iris behind']);
  });

  test.each<[string, object[], string]>([
    ['none is seen', [], 'how the operator was started cannot be read here'],
    [
      'it has a file too',
      [operatorObject(['--fetcher-image=registry.example/for-a:1', '--config=/etc/x'])],
      'the operator dormouse-system/dormouse may have other settings: it has settings in the file /etc/x of its pod too',
    ],
  ])('is told to be a guess where %s', async (_, deployments, expected) => {
    expect((await found([...fetched, ...deployments])).said).toEqual([expect.stringContaining(expected)]);
  });
});
