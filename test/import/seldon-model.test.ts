import { expect, it } from 'vitest';
import { imported, remarksOf, specsOf } from './inputs.ts';

const uri = 's3://models/iris';
const model = (spec: string): string =>
  `apiVersion: mlops.seldon.io/v1alpha1
kind: Model
metadata: { name: iris, namespace: demo }
spec: { storageUri: "${uri}", ${spec} }
`;

it('a model becomes one of the same name', () => {
  const outcomes = imported(model('requirements: [sklearn]'));
  expect(outcomes).toMatchObject([
    {
      result: 'converted',
      objects: [{ kind: 'InferenceModel', metadata: { name: 'iris', namespace: 'demo' } }],
    },
  ]);
  expect(specsOf(outcomes)).toEqual([{ model: { format: 'sklearn', uri }, scale: { minReplicas: 1 } }]);
  expect(remarksOf(outcomes)).toEqual(['default spec.replicas']);
});

it.each<[string, object]>([
  ['requirements: [gpu-pool, xgboost]', { model: { format: 'xgboost', uri } }],
  ['modelType: mlflow', { model: { format: 'mlflow', uri } }],
  ['requirements: [onnx]', { runtime: { name: 'triton-onnx', layout: { folder: '$(MODEL_NAME)' } } }],
  ['requirements: [huggingface]', { runtime: { name: 'mlserver-huggingface' } }],
  ['requirements: [sklearn], replicas: 3', { scale: { minReplicas: 3, maxReplicas: 3 } }],
  ['requirements: [sklearn], minReplicas: 1, maxReplicas: 4', { scale: { minReplicas: 1, maxReplicas: 4 } }],
])('%s says what it says', (spec, expected) => {
  expect(specsOf(imported(model(spec)))).toMatchObject([expected]);
});

it.each([
  ['memory: 100Ki', 'own-server spec.memory'],
  ['server: mlserver', 'own-server spec.server'],
  ['dedicated: true', 'own-server spec.dedicated'],
  ['logger: { percent: 10 }', 'agent spec.logger'],
  ['secretName: s', 'credentials spec.secretName'],
  ['artifactVersion: 2', 'no-field spec.artifactVersion'],
  ['parameters: [{ name: a, value: b }]', 'no-field spec.parameters'],
  ['replicas: 2, maxReplicas: 3', 'ignored spec.replicas'],
])('%s is named', (spec, line) => {
  expect(remarksOf(imported(model(`requirements: [sklearn], ${spec}`)))).toContain(line);
});

it('a format that nothing serves is named, and so is what else it requires', () => {
  const outcomes = imported(model('requirements: [alibi-detect, gpu-pool]'));
  expect(specsOf(outcomes)).toMatchObject([{ model: { format: 'alibi-detect' } }]);
  expect(remarksOf(outcomes)).toEqual([
    'no-field spec.requirements[1]',
    'default spec.replicas',
    'not-accepted',
  ]);
});

it.each([
  [
    'an explainer',
    model('requirements: [alibi-explain], explainer: { modelRef: a }'),
    'server spec.explainer',
  ],
  ['one that its server has', model('requirements: [sklearn], preloaded: true'), 'storage spec.preloaded'],
  ['one without a format', model(''), 'server spec.requirements'],
  [
    'one of an rclone remote',
    model('requirements: [sklearn]').replace('s3:', 'minio:'),
    'storage spec.storageUri',
  ],
])('not converted is %s', (_, yaml, line) => {
  const outcomes = imported(yaml);
  expect(outcomes).toMatchObject([{ result: 'refused' }]);
  expect(remarksOf(outcomes)).toEqual([line]);
});
