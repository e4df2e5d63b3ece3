import { describe, expect, it } from 'vitest';
import { container, imported, remarksOf, service, specsOf } from './inputs.ts';

describe('all around a predictor', () => {
  const around = (fields: string, metadata?: string) =>
    imported(service(`{ containers: [${container}], ${fields} }`, metadata));

  it.each<[string, string, object]>([
    ['bounds', 'minReplicas: 0, maxReplicas: 3', { scale: { minReplicas: 0, maxReplicas: 3 } }],
    ['no upper bound', 'maxReplicas: 0', { scale: { minReplicas: 1 } }],
    ['a target', 'scaleTarget: 5', { scale: { minReplicas: 1, target: { concurrency: 5 } } }],
    ['a metric', 'scaleTarget: 5, scaleMetric: rps', { scale: { minReplicas: 1, target: { rps: 5 } } }],
    [
      'a bound of requests',
      'containerConcurrency: 10',
      { scale: { minReplicas: 1, containerConcurrency: 10 } },
    ],
    ['a timeout', 'timeout: 600', { timeouts: { request: '600s', responseStart: '600s' } }],
    ['an account', 'serviceAccountName: sa', { pod: { serviceAccountName: 'sa' } }],
    [
      'annotations',
      `annotations: { autoscaling.knative.dev/target: "2.5", autoscaling.knative.dev/metric: rps,
        autoscaling.knative.dev/targetUtilizationPercentage: "70", autoscaling.knative.dev/window: 90s,
        autoscaling.knative.dev/scale-to-zero-pod-retention-period: 1m, autoscaling.knative.dev/scale-down-delay: 2m,
        autoscaling.knative.dev/initial-scale: "2", autoscaling.knative.dev/target-burst-capacity: "-1",
        autoscaling.knative.dev/class: kpa.autoscaling.knative.dev, serving.knative.dev/progress-deadline: 20m }`,
      {
        scale: {
          minReplicas: 1,
          initialReplicas: 2,
          target: { rps: 2.5, utilization: 70 },
          window: '90s',
          scaleToZeroPodRetentionPeriod: '1m',
          scaleDownDelay: '2m',
          targetBurstCapacity: -1,
        },
        timeouts: { progress: '20m' },
      },
    ],
  ])('%s are carried over', (_, fields, expected) => {
    const outcomes = around(fields);
    expect(specsOf(outcomes)).toMatchObject([expected]);
    const lost = remarksOf(outcomes).filter((line) => !/^(default|account) /.test(line));
    expect(lost).toEqual([]);
  });

  it('a label keeps it within the cluster', () => {
    for (const key of ['networking.knative.dev/visibility', 'networking.kserve.io/visibility'])
      expect(specsOf(around('', `{ name: iris, labels: { ${key}: cluster-local } }`))).toMatchObject([
        { access: { visibility: 'ClusterLocal' } },
      ]);
  });

  it.each([
    ['logger: { mode: all }', 'agent spec.predictor.logger'],
    ['batcher: { maxBatchSize: 2 }', 'agent spec.predictor.batcher'],
    ['canaryTrafficPercent: 10', 'rollout spec.predictor.canaryTrafficPercent'],
    ['nodeSelector: { a: b }', 'no-field spec.predictor.nodeSelector'],
    ['tolerations: [{ key: a }]', 'no-field spec.predictor.tolerations'],
    ['volumes: [{ name: v, emptyDir: {} }]', 'no-field spec.predictor.volumes'],
    ['scaleMetric: cpu, scaleTarget: 80', 'autoscaler spec.predictor.scaleMetric'],
    ['autoScaling: { metrics: [{ type: Resource }] }', 'autoscaler spec.predictor.autoScaling'],
    ['deploymentStrategy: { type: Recreate }', 'raw-deployment spec.predictor.deploymentStrategy'],
    ['labels: { a: b }', 'pod spec.predictor.labels.a'],
    ['minReplicas: many', 'value spec.predictor.minReplicas'],
    [
      'annotations: { autoscaling.knative.dev/min-scale: "2" }',
      'ignored spec.predictor.annotations["autoscaling.knative.dev/min-scale"]',
    ],
    [
      'annotations: { autoscaling.knative.dev/panic-threshold-percentage: "2" }',
      'no-field spec.predictor.annotations["autoscaling.knative.dev/panic-threshold-percentage"]',
    ],
    ['serviceAccount: sa', 'ignored spec.predictor.serviceAccount'],
    ['typo: 1', 'no-field spec.predictor.typo'],
  ])('%s is named', (fields, line) => {
    const outcomes = around(fields);
    expect(outcomes[0]?.result).toBe('converted');
    expect(remarksOf(outcomes)).toContain(line);
  });

  it.each([
    ['argocd.argoproj.io/instance: app', 'owner'],
    ['kubectl.kubernetes.io/last-applied-configuration: "{}"', 'by-cluster'],
    ['sidecar.istio.io/inject: "false"', 'pod'],
    ['prometheus.io/scrape: "true"', 'metrics'],
    ['serving.kserve.io/gke-accelerator: t4', 'no-field'],
    ['serving.kserve.io/deploymentMode: RawDeployment', 'raw-deployment'],
    ['serving.kserve.io/stop: "true"', 'stopped'],
    ['example.com/team: a', 'metadata'],
  ])('the annotation %s is named', (annotation, reason) => {
    const outcomes = around('', `{ name: iris, annotations: { ${annotation} } }`);
    const [key = ''] = annotation.split(': ');
    expect(remarksOf(outcomes)).toContain(`${reason} metadata.annotations["${key}"]`);
    expect(JSON.stringify(outcomes[0]?.objects).includes(key)).toBe(reason === 'metadata');
  });

  it('what a cluster adds says nothing', () => {
    const outcomes = imported(
      `${service(`{ containers: [${container}] }`, '{ name: iris, namespace: demo, uid: x, resourceVersion: "1", managedFields: [{ manager: a }] }')}status: { url: x }\n`,
    );
    expect(outcomes[0]?.objects).toMatchObject([{ metadata: { name: 'iris', namespace: 'demo' } }]);
    expect(remarksOf(outcomes).filter((line) => line.startsWith('by-cluster'))).toEqual([
      'by-cluster metadata.uid',
      'by-cluster metadata.resourceVersion',
      'by-cluster metadata.managedFields',
      'by-cluster status',
    ]);
  });
});

describe('of a former or of no version of KServe', () => {
  const former = (spec: string) =>
    `apiVersion: serving.kserve.io/v1alpha2\nkind: InferenceService\nmetadata: { name: iris }\nspec: ${spec}\n`;

  it.each([
    {
      name: 'a format',
      given:
        '{ default: { predictor: { parallelism: 4, tensorflow: { storageUri: "s3://models/mnist" } } } }',
      want: { model: { format: 'tensorflow', uri: 's3://models/mnist' }, scale: { containerConcurrency: 4 } },
    },
    {
      name: 'a container',
      given: `{ default: { predictor: { custom: { container: ${container} } } } }`,
      want: { container: { image: 'registry.example/own:1' } },
    },
  ])('v1alpha2 has the same below its default: $name', ({ given, want }) => {
    expect(specsOf(imported(former(given)))).toMatchObject([want]);
  });

  it('a canary of v1alpha2 is lost', () => {
    const outcomes = imported(
      former(
        `{ default: { predictor: { custom: { container: ${container} } } }, canary: { predictor: {} }, canaryTrafficPercent: 20 }`,
      ),
    );
    expect(remarksOf(outcomes)).toEqual(
      expect.arrayContaining(['rollout spec.canary', 'rollout spec.canaryTrafficPercent']),
    );
  });

  it('one container under a name that guides of others have is taken', () => {
    const outcomes = imported(service(`{ container: ${container} }`));
    expect(specsOf(outcomes)).toMatchObject([{ container: { image: 'registry.example/own:1' } }]);
    expect(remarksOf(outcomes)).toContain('unknown-field spec.predictor.container');
  });
});
