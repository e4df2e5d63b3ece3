import { describe, expect, it } from 'vitest';
import type { InferenceModelSpecInput } from '#api/v1alpha1/spec.ts';
import type { Settings } from '#knative/capabilities.ts';
import { quantities } from '#plan/amounts.ts';
import type { LiveModel } from '#plan/live-model.ts';
import { diffModel, goneModel } from '#plan/model-diff.ts';
import { synthesize } from '#synth/synthesize.ts';
import { environment } from '../support/environment.ts';
import { model } from '../support/models.ts';

const nothingStands: LiveModel = { revisions: [] };
const gpu = { resources: { requests: { cpu: '1', memory: '2Gi' }, limits: { 'nvidia.com/gpu': 1 } } };

/** A model as it was applied, with so many pods now. */
function current(spec: Partial<InferenceModelSpecInput>, pods?: number, settings: Settings = {}): LiveModel {
  const { metadata, spec: service } = synthesize(model(spec), environment(settings));
  const { template } = service;
  const revision = { name: template.metadata.name, pods, annotations: template.metadata.annotations };
  return {
    uid: 'u1',
    template,
    labels: metadata.labels,
    traffic: service.traffic,
    revisions: pods === undefined ? [] : [{ ...revision, spec: template.spec }],
  };
}

const diffOf = (spec: Partial<InferenceModelSpecInput>, live: LiveModel, settings: Settings = {}) => {
  const { requested, requestedMore, ...diff } = diffModel(model(spec), environment(settings), live);
  return {
    ...diff,
    requested: requested && quantities(requested),
    requestedMore: quantities(requestedMore),
  };
};

describe('a model that is new', () => {
  it.each<[string, InferenceModelSpecInput['scale'], Settings, number]>([
    ['one', {}, {}, 1],
    ['as many as its initial scale says', { initialReplicas: 3 }, {}, 3],
    ['as many as it must always have', { initialReplicas: 2, minReplicas: 4 }, {}, 4],
    ['as many as the cluster says', {}, { 'config-autoscaler': { 'initial-scale': '2' } }, 2],
    ['none', { initialReplicas: 0 }, { 'config-autoscaler': { 'allow-zero-initial-scale': 'true' } }, 0],
  ])('starts %s', (_, scale, settings, podsStarting) => {
    expect(diffOf({ scale }, nothingStands, settings)).toMatchObject({
      kind: 'new',
      podsStarting,
      podsEnding: 0,
      images: ['registry.example/iris:1'],
    });
  });

  it('requests what its pods and Knative’s own container do, and is downloaded by each pod', () => {
    const spec = {
      container: undefined,
      model: { format: 'onnx', uri: 's3://m/o', maxSize: '2Gi' },
      ...gpu,
      scale: { minReplicas: 2 },
    };
    expect(diffOf(spec, nothingStands)).toMatchObject({
      requested: {},
      requestedMore: { cpu: '2150m', memory: '4224Mi', 'nvidia.com/gpu': '2' },
      downloads: [{ uri: 's3://m/o', size: '2Gi', pods: 2 }],
    });
  });
});

describe('a model that runs', () => {
  it('is unchanged as long as its revision is held, and is told what a refresh would bring', () => {
    const live = current({}, 1, { 'config-defaults': { 'revision-timeout-seconds': '77' } });
    expect(diffOf({}, live)).toMatchObject({
      kind: 'unchanged',
      podsStarting: 0,
      podsEnding: 0,
      requestedMore: {},
      downloads: [],
      refresh: [{ path: 'spec.timeoutSeconds', before: 77, after: 300 }],
    });
  });

  it('gets another revision by another image; all its pods end, and both are there for a while', () => {
    const diff = diffOf({ ...gpu, container: { image: 'registry.example/iris:2' } }, current(gpu, 3));
    expect(diff).toMatchObject({
      kind: 'revision',
      template: [
        {
          path: 'spec.containers[server].image',
          before: 'registry.example/iris:1',
          after: 'registry.example/iris:2',
        },
      ],
      podsEnding: 3,
      podsStarting: 1,
      requested: { cpu: '3075m', memory: '6Gi', 'nvidia.com/gpu': '3' },
      requestedMore: { cpu: '1025m', memory: '2Gi', 'nvidia.com/gpu': '1' },
      images: ['registry.example/iris:2'],
    });
    expect(diff.revision).not.toBe(diff.live);
  });

  it('says that nobody knows, where nobody told of its pods', () => {
    expect(diffOf({ container: { image: 'registry.example/iris:2' } }, current({}))).toMatchObject({
      podsEnding: undefined,
      requested: undefined,
    });
  });

  it('goes back to a revision that exists: nothing starts before a request comes', () => {
    const before = current({}, 0);
    const live = current({ container: { image: 'registry.example/iris:2' } }, 2);
    const both = { ...live, revisions: [...live.revisions, ...before.revisions] };
    expect(diffOf({}, both)).toMatchObject({
      kind: 'revision',
      podsStarting: 0,
      podsEnding: 2,
      requestedMore: {},
    });
  });

  it.each<[string, InferenceModelSpecInput['scale'], number | undefined, number]>([
    ['more at least start more pods', { minReplicas: 3 }, 1, 2],
    ['more at least start none where load has started them', { minReplicas: 3 }, 5, 0],
    ['more at least, with nobody knowing how many run', { minReplicas: 3 }, undefined, 3],
    ['more at most start nothing', { maxReplicas: 9 }, 1, 0],
  ])('takes other bounds of scale without another revision: %s', (_, scale, pods, podsStarting) => {
    expect(diffOf({ scale }, current({}, pods))).toMatchObject({
      kind: 'scale',
      template: [],
      podsStarting,
      podsEnding: 0,
      scaleByHand: false,
    });
  });

  it('has the bounds that are on its live revision, and not those that it was made with', () => {
    const live = current({ scale: { minReplicas: 1 } }, 2);
    const annotated = live.revisions.map((revision) => ({
      ...revision,
      annotations: { ...revision.annotations, 'autoscaling.knative.dev/min-scale': '2' },
    }));
    expect(diffOf({ scale: { minReplicas: 2 } }, { ...live, revisions: annotated }).kind).toBe('unchanged');
  });

  it('takes other bounds by hand alone where there is no controller, and no pod starts', () => {
    const { uid: _, ...rendered } = current({}, 0);
    expect(diffOf({ scale: { minReplicas: 3 } }, rendered)).toMatchObject({
      kind: 'scale',
      scaleByHand: true,
      podsStarting: 0,
    });
  });

  it('becomes public with another label and nothing else', () => {
    expect(diffOf({ access: { visibility: 'Public' } }, current({}, 1))).toMatchObject({
      kind: 'service',
      service: [
        {
          path: 'metadata.labels[networking.knative.dev/visibility]',
          before: 'cluster-local',
          after: undefined,
        },
      ],
      podsEnding: 0,
    });
  });

  it('gets its traffic back from where somebody else sent it', () => {
    const live = { ...current({}, 1), traffic: [{ latestRevision: true, percent: 100 }] };
    expect(diffOf({}, live)).toMatchObject({ kind: 'service', podsEnding: 0 });
  });

  it('goes on where the cluster refuses the change', () => {
    const diff = diffOf({ timeouts: { request: '11m' } }, current({}, 1));
    expect(diff).toMatchObject({ kind: 'refused', podsEnding: 0, podsStarting: 0 });
    expect(diff.live).toMatch(/^iris-/);
    expect(diff.problems).toEqual([
      expect.stringContaining('spec.timeouts.request: this cluster allows at most'),
    ]);
  });

  it('takes its pods along as it goes', () => {
    expect(goneModel({ name: 'iris' }, environment(), current(gpu, 2))).toMatchObject({
      kind: 'gone',
      podsEnding: 2,
    });
  });
});
