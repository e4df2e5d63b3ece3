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

  it.each<{ name: string; fields: string; want: object; flags?: string[] }>([
    {
      name: 'where they run',
      fields: `nodeSelector: { pool: gpu }, tolerations: [{ key: nvidia.com/gpu, operator: Exists, effect: NoSchedule }],
        affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: a, operator: In, values: [b] }] }] } } },
        topologySpreadConstraints: [{ maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway }],
        priorityClassName: high, runtimeClassName: nvidia, schedulerName: volcano`,
      want: {
        nodeSelector: { pool: 'gpu' },
        tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }],
        affinity: { nodeAffinity: expect.anything() },
        topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway' }],
        priorityClassName: 'high',
        runtimeClassName: 'nvidia',
        schedulerName: 'volcano',
      },
      flags: [
        ...['nodeselector', 'tolerations', 'affinity', 'topologyspreadconstraints', 'runtimeclassname'],
        ...['priorityclassname', 'schedulername'],
      ],
    },
    {
      name: 'labels and annotations',
      fields: 'labels: { team: risk }, annotations: { sidecar.istio.io/inject: "false" }',
      want: { labels: { team: 'risk' }, annotations: { 'sidecar.istio.io/inject': 'false' } },
    },
    {
      name: 'an account, its token and Secrets of registries',
      fields: 'serviceAccountName: sa, automountServiceAccountToken: true, imagePullSecrets: [{ name: p }]',
      want: {
        serviceAccountName: 'sa',
        automountServiceAccountToken: true,
        imagePullSecrets: [{ name: 'p' }],
      },
    },
    {
      name: 'a security context',
      fields: 'securityContext: { fsGroup: 1000, seccompProfile: { type: RuntimeDefault } }',
      want: { securityContext: { fsGroup: 1000 } },
      flags: ['securitycontext'],
    },
    {
      name: 'resources of queue-proxy',
      fields: `annotations: { queue.sidecar.serving.knative.dev/cpu-resource-request: 50m,
        queue.sidecar.serving.knative.dev/memory-resource-limit: 200Mi }`,
      want: { queueProxy: { resources: { requests: { cpu: '50m' }, limits: { memory: '200Mi' } } } },
    },
  ])('a pod keeps $name', ({ fields, want, flags = [] }) => {
    const outcomes = around(fields);
    expect(specsOf(outcomes)).toMatchObject([{ pod: want }]);
    const named = outcomes.flatMap(({ remarks }) =>
      remarks.flatMap(({ reason, detail }) => (reason === 'flag' ? [detail] : [])),
    );
    expect(named).toEqual(flags.map((flag) => `kubernetes.podspec-${flag}`));
    // Nothing is lost.
    expect(remarksOf(outcomes).filter((line) => !/^(default|account|flag)/.test(line))).toEqual([]);
  });

  it('labels and annotations of the object go to its pods, as there', () => {
    const outcomes = around(
      'labels: { b: d }',
      '{ name: iris, labels: { a: b, b: c }, annotations: { example.com/a: b, prometheus.io/scrape: "true", serving.kserve.io/gke-accelerator: nvidia-tesla-t4 } }',
    );
    expect(outcomes[0]?.objects).toMatchObject([
      {
        metadata: { labels: { a: 'b', b: 'c' }, annotations: { 'example.com/a': 'b' } },
        spec: {
          pod: {
            labels: { a: 'b', b: 'd' },
            annotations: { 'example.com/a': 'b', 'prometheus.io/scrape': 'true' },
            nodeSelector: { 'cloud.google.com/gke-accelerator': 'nvidia-tesla-t4' },
          },
        },
      },
    ]);
  });

  it.each([
    {
      fields: 'scaleMetric: cpu, scaleTarget: 80',
      want: { minReplicas: 1, target: { cpu: 80 } },
    },
    {
      fields: 'minReplicas: 0, scaleMetric: memory, scaleTarget: 512',
      want: { minReplicas: 1, target: { memory: 512 } },
    },
    {
      fields: `annotations: { autoscaling.knative.dev/class: hpa.autoscaling.knative.dev, autoscaling.knative.dev/metric: cpu,
        autoscaling.knative.dev/target: "70" }`,
      want: { target: { cpu: 70 } },
    },
    {
      fields: `annotations: { autoscaling.knative.dev/activation-scale: "3", autoscaling.knative.dev/panic-window-percentage: "20",
        autoscaling.knative.dev/panic-threshold-percentage: "150" }`,
      want: { activationScale: 3, panicWindowPercentage: 20, panicThresholdPercentage: 150 },
    },
  ])('scaling keeps Knative’s terms: $fields', ({ fields, want }) => {
    const outcomes = around(fields);
    expect(specsOf(outcomes)).toMatchObject([{ scale: want }]);
    expect(remarksOf(outcomes).filter((line) => !/^(default|sleepless)/.test(line))).toEqual([]);
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
    ['volumes: [{ name: v, emptyDir: {} }]', 'ignored spec.predictor.volumes[0]'],
    ['volumes: [{ name: v, hostPath: { path: /a } }]', 'volume spec.predictor.volumes[0]'],
    ['hostAliases: [{ ip: 10.0.0.1 }]', 'no-field spec.predictor.hostAliases'],
    ['scaleMetric: gpu, scaleTarget: 80', 'autoscaler spec.predictor.scaleMetric'],
    ['scaleMetric: cpu, scaleTarget: 80, minReplicas: 0', 'sleepless spec.predictor.minReplicas'],
    ['autoScaling: { metrics: [{ type: Resource }] }', 'autoscaler spec.predictor.autoScaling'],
    ['deploymentStrategy: { type: Recreate }', 'raw-deployment spec.predictor.deploymentStrategy'],
    ['minReplicas: many', 'value spec.predictor.minReplicas'],
    [
      'annotations: { autoscaling.knative.dev/min-scale: "2" }',
      'ignored spec.predictor.annotations["autoscaling.knative.dev/min-scale"]',
    ],
    [
      'annotations: { autoscaling.knative.dev/panic-threshold-percentage: "2" }',
      'value spec.predictor.annotations["autoscaling.knative.dev/panic-threshold-percentage"]',
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
    ['serving.kserve.io/enable-prometheus-scraping: "true"', 'metrics'],
    ['serving.kserve.io/enable-tag-routing: "true"', 'no-field'],
    ['serving.kserve.io/deploymentMode: RawDeployment', 'raw-deployment'],
    ['serving.kserve.io/stop: "true"', 'stopped'],
  ])('the annotation %s is named', (annotation, reason) => {
    const outcomes = around('', `{ name: iris, annotations: { ${annotation} } }`);
    const [key = ''] = annotation.split(': ');
    expect(remarksOf(outcomes)).toContain(`${reason} metadata.annotations["${key}"]`);
    expect(JSON.stringify(outcomes[0]?.objects).includes(key)).toBe(false);
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
