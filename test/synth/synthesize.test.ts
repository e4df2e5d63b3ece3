import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { annotations } from '#api/group.ts';
import { contentHash } from '#base/hash.ts';
import type { FoundTemplate } from '#knative/objects.ts';
import { synthesize } from '#synth/synthesize.ts';
import { environment } from '../support/environment.ts';
import { model } from '../support/models.ts';

const shipped = environment();
const template = (...args: Parameters<typeof synthesize>) => synthesize(...args).spec.template;
const nameOf = (...args: Parameters<typeof synthesize>) => template(...args).metadata.name;

describe('the name of a revision', () => {
  it('is the same for the same content, whatever the order of its keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (content) => {
        const reversed = Object.fromEntries(Object.entries(content).reverse());
        expect(contentHash(reversed)).toBe(contentHash(content));
      }),
    );
  });

  it('differs for any other content', () => {
    const names = [
      model(),
      model({ container: { image: 'registry.example/iris:2' } }),
      model({ scale: { initialReplicas: 2 } }),
      model({ scale: { containerConcurrency: 1 } }),
      model({ timeouts: { progress: '20m' } }),
    ].map((each) => nameOf(each, shipped));
    expect(new Set(names).size).toBe(names.length);
  });

  it.each([
    { name: 'bounds', scale: { minReplicas: 1, maxReplicas: 4 } },
    {
      name: 'targets',
      scale: { target: { rps: 5, utilization: 80 }, window: '90s', targetBurstCapacity: 7 },
    },
    { name: 'delays', scale: { scaleDownDelay: '1m', scaleToZeroPodRetentionPeriod: '5m' } },
  ])('is the same for other $name of scale, so that going back finds the old revision', ({ scale }) => {
    expect(nameOf(model({ scale }), shipped)).toBe(nameOf(model(), shipped));
    expect(template(model({ scale }), shipped)).not.toEqual(template(model(), shipped));
  });

  it('is the same for an empty list or map as for none', () => {
    const empty = model({
      container: { image: 'registry.example/iris:1', env: [], args: [] },
      resources: { limits: {} },
    });
    expect(nameOf(empty, shipped)).toBe(nameOf(model(), shipped));
  });

  it('is given all the traffic', () => {
    const { spec } = synthesize(model(), shipped);
    expect(spec.traffic).toEqual([
      { revisionName: spec.template.metadata.name, latestRevision: false, percent: 100 },
    ]);
  });
});

describe('a live template', () => {
  const live = { template: template(model({ scale: { minReplicas: 1 } }), shipped) };
  const otherCluster = environment({
    'config-defaults': { 'revision-timeout-seconds': '120', 'revision-cpu-request': '400m' },
  });

  it.each([
    ['the same model on a cluster with other defaults', model({ scale: { minReplicas: 1 } })],
    ['other bounds of scale', model({ scale: { maxReplicas: 5 } })],
    ['other access', model({ scale: { minReplicas: 1 }, access: { visibility: 'Public' } })],
  ])('is held word for word for %s', (_, changed) => {
    expect(template(changed, otherCluster, live)).toEqual(live.template);
  });

  it.each([
    ['another image', model({ container: { image: 'registry.example/iris:2' } })],
    [
      'another bound of concurrency, which the revision itself has',
      model({ scale: { containerConcurrency: 2 } }),
    ],
    ['a new value of the refresh annotation', model({}, { annotations: { [annotations.refresh]: '1' } })],
  ])('gives way to %s', (_, changed) => {
    expect(nameOf(changed, otherCluster, live)).toBe(nameOf(changed, otherCluster));
  });

  it.each<[string, FoundTemplate]>([
    ['named it', { ...live.template, metadata: { ...live.template.metadata, name: 'iris-by-hand' } }],
    [
      'took its name away',
      { ...live.template, metadata: { annotations: live.template.metadata.annotations } },
    ],
    ['left nothing of its metadata', { spec: live.template.spec }],
  ])('gives way if somebody else %s: what they wrote is not held', (_, found) => {
    expect(template(model({ scale: { minReplicas: 1 } }), shipped, { template: found })).toEqual(
      live.template,
    );
  });
});

describe("a cluster's own defaults", () => {
  const defaults = environment({
    'config-defaults': {
      'revision-timeout-seconds': '120',
      'revision-response-start-timeout-seconds': '60',
      'revision-idle-timeout-seconds': '30',
      'container-concurrency': '7',
      'revision-cpu-request': '400m',
      'revision-memory-limit': '2048Mi',
    },
  });

  it('are written out where the model is silent', () => {
    expect(template(model(), defaults).spec).toMatchObject({
      timeoutSeconds: 120,
      responseStartTimeoutSeconds: 60,
      idleTimeoutSeconds: 30,
      containerConcurrency: 7,
      containers: [{ resources: { requests: { cpu: '400m' }, limits: { memory: '2Gi' } } }],
    });
  });

  it('give way to what the user wrote', () => {
    const { spec } = template(model({ resources: { limits: { cpu: '100m' } } }), defaults);
    expect(spec).toMatchObject({
      containers: [{ resources: { requests: { cpu: '100m' }, limits: { cpu: '100m' } } }],
    });
  });
});

describe('the time to become ready', () => {
  const key = 'serving.knative.dev/progress-deadline';
  const deadline = (spec: object, cluster?: string) => {
    const settings = cluster === undefined ? {} : { 'config-deployment': { 'progress-deadline': cluster } };
    const each = model({ container: undefined, model: { format: 'sklearn', uri: 's3://a/b' }, ...spec });
    return template(each, environment(settings)).metadata.annotations[key];
  };
  const big = { model: { format: 'sklearn', uri: 's3://a/b', maxSize: '2Gi' } };

  it.each([
    { name: 'is that of the cluster for a model of no declared size', given: [{}], want: undefined },
    { name: 'has time to fetch what was declared', given: [big], want: '708s' },
    { name: 'is not made shorter than that of the cluster', given: [big, '1h'], want: undefined },
    { name: 'is longer than one of the cluster that is too short', given: [big, '11m30s'], want: '708s' },
    { name: 'is what the user wrote', given: [{ ...big, timeouts: { progress: '5m' } }, '1h'], want: '300s' },
  ] as const)('$name', ({ given: [spec, cluster], want }) => {
    expect(deadline(spec, cluster)).toBe(want);
  });
});

it.each([
  ['4Gi', '8589934592'],
  ['1500000', '16777216'],
  ['100', '16777216'],
])(
  'a model of at most %s has %s bytes of the disk of its node, an archive of it and its folders included',
  (maxSize, want) => {
    const each = model({ container: undefined, model: { format: 'sklearn', uri: 's3://a/b', maxSize } });
    expect(template(each, shipped).spec).toMatchObject({ volumes: [{ emptyDir: { sizeLimit: want } }] });
  },
);

it('pods have no token of the API server, unless a ServiceAccount was chosen for them', () => {
  expect(template(model(), shipped).spec).toMatchObject({ automountServiceAccountToken: false });
  const chosen = template(model({ pod: { serviceAccountName: 'iris' } }), shipped).spec;
  expect(chosen).toMatchObject({ serviceAccountName: 'iris' });
  expect(chosen).not.toHaveProperty('automountServiceAccountToken');
});

it('an empty value of a variable is left out, as Kubernetes leaves it out', () => {
  const env = [{ name: 'A', value: '' }, { name: 'B', value: 'b' }, { name: 'C' }];
  const { spec } = template(model({ container: { image: 'registry.example/iris:1', env } }), shipped);
  expect(spec.containers).toMatchObject([{ env: [{ name: 'A' }, { name: 'B', value: 'b' }, { name: 'C' }] }]);
  expect(JSON.stringify(spec)).not.toContain('"value":""');
});
