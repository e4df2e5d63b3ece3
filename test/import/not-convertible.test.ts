import { describe, expect, it } from 'vitest';
import { container, imported, remarksOf, runtime, service, uri } from './inputs.ts';

describe('not converted is', () => {
  it.each([
    [
      'one with a transformer',
      service(`{ containers: [${container}] }\n  transformer: { containers: [{ image: t }] }`),
      'transformer spec.transformer',
    ],
    [
      'one with two containers',
      service(`{ containers: [${container}, { image: b }] }`),
      'containers spec.predictor.containers[1]',
    ],
    [
      'a model with a container',
      service(`{ containers: [${container}], sklearn: { storageUri: "${uri}" } }`),
      'containers spec.predictor.containers[0]',
    ],
    [
      'one with workers',
      service(`{ workerSpec: { pipelineParallelSize: 2 }, containers: [${container}] }`),
      'multi-node spec.predictor.workerSpec',
    ],
    ['a server of many models', service('{ triton: { args: [a] } }'), 'multi-model spec.predictor.triton'],
    [
      'a server of many models beside its runtime, which says where models would lie',
      `${service('{ sklearn: { protocolVersion: v1 } }')}---\n${runtime()}`,
      'multi-model spec.predictor.sklearn',
    ],
    [
      'one of ModelMesh',
      service(
        `{ containers: [${container}] }`,
        '{ name: iris, annotations: { serving.kserve.io/deploymentMode: ModelMesh } }',
      ),
      'multi-model metadata.annotations["serving.kserve.io/deploymentMode"]',
    ],
    [
      'a model in HDFS',
      service('{ sklearn: { storageUri: "hdfs://a/b" } }'),
      'storage spec.predictor.sklearn.storageUri',
    ],
    [
      'a model in a place that a Secret knows',
      service('{ sklearn: { storage: { key: k, path: p } } }'),
      'storage spec.predictor.sklearn.storage',
    ],
    [
      'several models',
      service(`{ sklearn: { name: x }, storageUris: [{ uri: "${uri}" }, { uri: "${uri}" }] }`),
      'storage spec.predictor.storageUris[1]',
    ],
    ['one without a server', service('{ minReplicas: 1 }'), 'server spec.predictor'],
    [
      'one without an image',
      service('{ containers: [{ name: x }] }'),
      'server spec.predictor.containers[0].image',
    ],
    ['one without a name', service(`{ containers: [${container}] }`, '{ generateName: a }'), 'invalid'],
    [
      'one with a name too long',
      service(`{ containers: [${container}] }`, `{ name: ${'a'.repeat(49)} }`),
      'invalid',
    ],
    [
      'an old version',
      service('{ sklearn: { storageUri: a } }').replace('v1beta1', 'v1alpha1'),
      'api-version',
    ],
    [
      'a graph',
      'apiVersion: serving.kserve.io/v1alpha1\nkind: InferenceGraph\nmetadata: { name: a }',
      'kind',
    ],
    [
      'a SeldonDeployment',
      'apiVersion: machinelearning.seldon.io/v1\nkind: SeldonDeployment\nmetadata: { name: a }',
      'kind',
    ],
    [
      'a kind that nobody knows',
      'apiVersion: mlops.seldon.io/v1alpha1\nkind: Novelty\nmetadata: { name: a }',
      'kind',
    ],
  ])('%s', (_, yaml, line) => {
    const outcomes = imported(yaml);
    const [refused, ...beside] = outcomes;
    expect(refused).toMatchObject({ result: 'refused', objects: [] });
    expect(remarksOf(outcomes.slice(0, 1))).toEqual([line]);
    expect(beside.every(({ result }) => result === 'converted')).toBe(true);
  });

  it('the second of one name', () => {
    const one = service(`{ containers: [${container}] }`);
    expect(imported(`${one}---\n${one}`)).toMatchObject([
      { result: 'converted' },
      { result: 'refused', remarks: [{ reason: 'taken', detail: 'InferenceModel iris' }] },
    ]);
  });
});

it('what is of no such API is left alone', () => {
  expect(imported('apiVersion: v1\nkind: Secret\nmetadata: { name: a }')).toMatchObject([
    { result: 'foreign', objects: [], remarks: [] },
  ]);
});
