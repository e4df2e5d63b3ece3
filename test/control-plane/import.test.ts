import { expect, it } from 'vitest';
import { catalogue } from '#catalogue/catalogue.ts';
import { type ConversionResult, convert } from '#import/convert.ts';
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

/** What becomes of an object beside KServe's own runtimes. Many examples have one name, so they do not meet. */
const outcomeOf = (placed: Placed): ConversionResult | undefined => {
  const others = runtimes.filter((runtime) => runtime !== placed);
  return convert([placed, ...others], builtIn)[0];
};

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

it('of the InferenceServices with a predictor alone nine in ten are converted, and of the others is said why not', () => {
  const all = services.filter(hasPredictorAlone);
  const refused = reasonsOf(all);
  expect(refused).toEqual([
    // Their predictor has a field "container", which KServe does not know either.
    'docs/samples/bentoml/README.md, block 1: iris-classifier: server',
    'docs/samples/bentoml/bentoml.yaml: iris-classifier: server',
    'docs/samples/multimodelserving/sklearn/README.md, block 1: sklearn-iris-example: multi-model',
    'docs/samples/multimodelserving/sklearn/inferenceservice.yaml: sklearn-iris-example: multi-model',
    'docs/samples/multimodelserving/triton/README.md, block 1: triton-mms: multi-model',
    'docs/samples/multimodelserving/triton/multi_model_triton.yaml: triton-mms: multi-model',
    'docs/samples/rollout-strategy/rollout-strategy-example.yaml: multinode-example: containers',
    'docs/samples/storage/hdfs/README.md, block 5: my-model: storage',
    'docs/samples/storage/pvc/mnist-pvc.yaml: mnist-sample: api-version',
    'docs/samples/storage/storageSpec/README.md, block 2: example-sklearn-isvc: storage',
    'docs/samples/storage/storageSpec/sklearn_storagespec.yaml: example-sklearn-isvc: storage',
    'docs/samples/v1beta1/transformer/collocation/collocation.yaml: custom-transformer-collocation: containers',
  ]);
  expect(all.length).toBeGreaterThan(120);
  expect(refused.length / all.length).toBeLessThanOrEqual(0.1);
});

it('those with more than a predictor are converted where explanations alone are lost', () => {
  const reasons = reasonsOf(services.filter((placed) => !hasPredictorAlone(placed)));
  expect(reasons.filter((line) => !line.endsWith(': transformer'))).toEqual([
    'docs/samples/explanation/aif/germancredit/bias-v1alpha1.yaml: german-credit: api-version',
  ]);
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

it('each of its runtimes is converted that one server makes, and of all other kinds is said why not', () => {
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
  const beside = runtimes.map(({ value }) => value);
  const silent = converted.flatMap(({ where, value }) =>
    silentLeaves(
      value,
      beside.filter((runtime) => runtime !== value),
    ).map((path) => `${where}: ${path}`),
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
