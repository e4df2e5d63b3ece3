import { expect, it } from 'vitest';
import { droppedMetadata, explain } from '#synth/explain.ts';
import { environment } from '../support/environment.ts';
import { model } from '../support/models.ts';

it('each value of a server is shown with whose it is', () => {
  const iris = model({
    container: undefined,
    model: { format: 'sklearn', uri: 's3://models/iris' },
    resources: { limits: { memory: '2Gi' } },
  });
  const lines = explain(iris, environment());
  expect(lines).toContainEqual(expect.stringMatching(/^model +resources.limits.memory: 2Gi$/));
  expect(lines).toContainEqual(
    expect.stringMatching(/^InferenceRuntime mlserver-sklearn@\S+ +container\.command: \["mlserver"/),
  );
});

it('what of its metadata goes no further is told', () => {
  const tracked = model(
    {},
    {
      labels: { team: 'risk' },
      annotations: { 'dormouse.dev/refresh': '1', 'argocd.argoproj.io/sync-wave': '2' },
    },
  );
  expect(droppedMetadata(tracked)).toEqual([
    'metadata.labels: team stay on the model: what its pods must have goes under spec.pod.labels',
    'metadata.annotations: argocd.argoproj.io/sync-wave stay on the model: what its pods must have goes under spec.pod.annotations',
  ]);
  expect(droppedMetadata(model())).toEqual([]);
});
