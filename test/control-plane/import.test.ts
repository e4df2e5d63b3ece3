import { dirname } from 'node:path';
import { expect, it } from 'vitest';
import { catalogue } from '#catalogue/catalogue.ts';
import { type ConversionResult, convert } from '#import/convert.ts';
import { reasons } from '#import/reasons.ts';
import { silentLeaves } from '../import/leaves.ts';
import { type KserveObject, kserveExamples, kserveFolder } from '../kserve/examples.ts';
import { kubectl } from '../support/cluster.ts';

interface Placed {
  readonly where: string;
  readonly value: KserveObject;
}

// Every object in the documentation and the configuration of KServe's Go module.
const examples = await kserveExamples(await kserveFolder());
const objects = examples.flatMap(({ where, objects }): Placed[] =>
  objects instanceof Error ? [] : objects.map((value) => ({ where, value })),
);
const runtimes = objects.filter(
  ({ where, value }) => where.startsWith('config/runtimes/') && value.kind === 'ClusterServingRuntime',
);
const services = objects.filter(({ value }) => value.kind === 'InferenceService');
const builtIn = catalogue();

/** What is beside an object: KServe's own runtimes, and what it needs of its folder. Many examples have one name. */
const besideOf = (placed: Placed): Placed[] => {
  const needed = objects.filter(
    ({ where, value }) => supporting.has(value.kind) && folderOf(where) === folderOf(placed.where),
  );
  const services = objects.filter(
    ({ where, value }) =>
      placed.value.kind === 'TrainedModel' &&
      value.kind === 'InferenceService' &&
      value.metadata.name === placed.value.spec?.inferenceService &&
      folderOf(where) === folderOf(placed.where),
  );
  return [...needed, ...services.slice(0, 1), ...runtimes].filter((other) => other !== placed);
};
const supporting = new Set(['TrainedModel', 'Secret', 'ServiceAccount']);
const folderOf = (where: string) => dirname(where.replace(/, block.*/, ''));

const outcomeOf = (placed: Placed): ConversionResult | undefined =>
  convert([placed, ...besideOf(placed)], builtIn)[0];

const hasPredictorAlone = ({ value: { spec = {} } }: Placed) => {
  const former = (spec.default ?? {}) as object;
  return !['transformer', 'explainer'].some((part) => part in spec || part in former);
};

const reasonsOf = (placed: readonly Placed[]) =>
  placed.flatMap((one) => {
    const { result, remarks } = outcomeOf(one) ?? {};
    return result === 'converted'
      ? []
      : [`${one.where}: ${one.value.metadata.name}: ${remarks?.[0]?.reason}`];
  });

it('of the InferenceServices with a predictor alone at least 97 of 100 are converted, and the others have a reason', () => {
  const all = services.filter(hasPredictorAlone);
  const refused = reasonsOf(all);
  expect(refused).toEqual([
    'docs/samples/rollout-strategy/rollout-strategy-example.yaml: multinode-example: containers',
    'docs/samples/storage/hdfs/README.md, block 5: my-model: storage',
    'docs/samples/v1beta1/transformer/collocation/collocation.yaml: custom-transformer-collocation: containers',
  ]);
  expect(all.length).toBeGreaterThan(120);
  expect(1 - refused.length / all.length).toBeGreaterThanOrEqual(0.97);
});

it('tolerations and node selectors are carried over whole', () => {
  const scheduled = services.filter(({ value }) =>
    /"(tolerations|nodeSelector)":/.test(JSON.stringify(value)),
  );
  expect(scheduled.length).toBeGreaterThan(1);
  const lost = scheduled.flatMap((placed) =>
    (outcomeOf(placed)?.remarks ?? []).filter(
      ({ path, reason }) => reasons[reason].effect !== 'note' && /toleration|nodeSelector/.test(path),
    ),
  );
  expect(lost).toEqual([]);
});

it('those with more than a predictor are converted where explanations alone are lost', () => {
  const reasons = reasonsOf(services.filter((placed) => !hasPredictorAlone(placed)));
  expect(reasons.filter((line) => !line.endsWith(': transformer'))).toEqual([]);
});

it('of all its files and pages nothing is passed over but fragments that are no YAML', () => {
  expect(examples.flatMap(({ where, objects }) => (objects instanceof Error ? [where] : []))).toEqual([
    'docs/OPENSHIFT_GUIDE.md, block 1',
    'docs/OPENSHIFT_GUIDE.md, block 2',
    'docs/kfp/README.md, block 1',
    'docs/samples/metrics-and-monitoring/README.md, block 1',
    'docs/samples/storage/hdfs/README.md, block 1',
    'docs/samples/storage/hdfs/README.md, block 3',
  ]);
});

it('each of its runtimes is converted that one server makes, and all other kinds have a reason', () => {
  const others = objects.filter(
    ({ value }) => value.apiVersion.startsWith('serving.kserve.io/') && value.kind !== 'InferenceService',
  );
  const reasons = reasonsOf(others).map((line) => line.split(': ').toSpliced(1, 1));
  expect(reasons.filter(([, reason]) => reason !== 'kind')).toEqual([
    ['config/runtimes/kserve-huggingfaceserver-multinode.yaml', 'multi-node'],
  ]);
});

it('no leaf of them is lost in silence', () => {
  const converted = objects.filter((placed) => outcomeOf(placed)?.result === 'converted');
  const silent = converted.flatMap((placed) =>
    silentLeaves(
      placed.value,
      besideOf(placed).map(({ value }) => value),
    ).map((path) => `${placed.where}: ${path}`),
  );
  expect(silent).toEqual([]);
});

it('the API server takes what they become', async () => {
  const made = [...services, ...runtimes].flatMap((placed) => outcomeOf(placed)?.objects ?? []);
  const items = made.map((object, index) => {
    const { kind, metadata } = object as KserveObject;
    // No namespace of theirs is there, and many have one name.
    const namespaced = kind === 'InferenceModel' && { namespace: 'default' };
    return { ...object, metadata: { ...metadata, ...namespaced, name: `example-${index}` } };
  });
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  const said = await kubectl(['create', '--dry-run=server', '-f', '-'], list);
  expect(said.match(/created \(server dry run\)/g)).toHaveLength(items.length);
});
