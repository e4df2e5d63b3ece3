import { expect, it } from 'vitest';
import { imported, remarksOf, runtime, service, specsOf } from './inputs.ts';

/** As in KServe's samples of multi-model serving. */
const trained = (name: string, framework: string, server: string) =>
  `apiVersion: serving.kserve.io/v1alpha1
kind: TrainedModel
metadata: { name: ${name} }
spec:
  inferenceService: ${server}
  model: { framework: ${framework}, storageUri: "s3://models/${name}", memory: 1Gi }
`;
const triton = service(
  '{ maxReplicas: 3, triton: { args: [--log-verbose=1], env: [{ name: OMP_NUM_THREADS, value: "1" }], resources: { limits: { cpu: "1", memory: 2Gi } } } }',
  '{ name: triton-mms }',
);

it('models that one server would load become models of their own, with all that it says', () => {
  const outcomes = imported(
    [
      triton,
      trained('cifar10', 'pytorch', 'triton-mms'),
      trained('strings', 'tensorflow', 'triton-mms'),
    ].join('---\n'),
  );
  expect(outcomes.map(({ name, result, objects }) => [name, result, objects.length])).toEqual([
    ['triton-mms', 'converted', 0],
    ['cifar10', 'converted', 1],
    ['strings', 'converted', 1],
  ]);
  expect(specsOf(outcomes)[0]).toMatchObject({
    model: { format: 'pytorch', uri: 's3://models/cifar10' },
    runtime: {
      name: 'kserve-tritonserver',
      // Their files lie as in a folder of a repository.
      layout: { folder: '$(MODEL_NAME)' },
      env: [{ name: 'OMP_NUM_THREADS', value: '1' }],
    },
    resources: { limits: { cpu: '1', memory: '2Gi' } },
    scale: { maxReplicas: 3 },
  });
  expect(remarksOf(outcomes)).toEqual(
    expect.arrayContaining([
      'trained',
      'runtime-absent spec.predictor.model.args',
      'own-server spec.model.memory',
    ]),
  );
});

it('they get the runtime that KServe gives their server', () => {
  const outcomes = imported(
    [
      runtime().replace('name: sklearn', 'name: triton').replace('[v1]', '[v2]'),
      triton,
      trained('cifar10', 'pytorch', 'triton-mms'),
    ].join('---\n'),
  );
  expect(specsOf(outcomes)[1]).toMatchObject({
    model: { format: 'pytorch' },
    runtime: { name: 'server', args: ['--model_name=cifar10', '--model_dir=/mnt/models', '--log-verbose=1'] },
  });
});

it('one whose server is not in the input is refused, and the server is named', () => {
  expect(imported(trained('cifar10', 'pytorch', 'elsewhere'))).toMatchObject([
    {
      result: 'refused',
      remarks: [
        {
          path: 'spec.inferenceService',
          reason: 'server',
          detail: 'add the InferenceService elsewhere to the input',
        },
      ],
    },
  ]);
});
