import { describe, expect, it } from 'vitest';
import { imported, runtime, saidOf, service, specsOf } from './inputs.ts';

const uri = 's3://models/iris/v3';
const container =
  '{ image: "registry.example/own:1", resources: { requests: { cpu: 1, memory: 2Gi }, limits: { cpu: 1, memory: 2Gi } }, securityContext: { runAsUser: 1000 } }';
/** What every one of them has. */
const usual = { scale: { min: 1 }, access: { visibility: 'public' } };
const notes = ['default metadata.labels', 'default spec.predictor.minReplicas'];

describe('a predictor of a format', () => {
  it.each([
    ['in the new manner', `{ model: { modelFormat: { name: sklearn }, storageUri: "${uri}" } }`],
    ['in the old manner', `{ sklearn: { storageUri: "${uri}" } }`],
    [
      'with a list of one URI',
      `{ sklearn: { name: x }, storageUris: [{ uri: "${uri}", mountPath: /mnt/models }] }`,
    ],
    [
      'whose storage is spelled out',
      '{ sklearn: { storage: { path: /iris/v3, parameters: { type: s3, bucket: models } } } }',
    ],
  ])('%s names its model', (_, predictor) => {
    expect(specsOf(imported(service(predictor)))).toEqual([{ model: { format: 'sklearn', uri }, ...usual }]);
  });

  it('gets a built-in runtime where KServe has one of its own, and is told what clients must do', () => {
    const outcomes = imported(
      service(`{ sklearn: { storageUri: "${uri}", args: [--workers=2], env: [{ name: A, value: b }] } }`),
    );
    expect(specsOf(outcomes)).toEqual([
      { model: { format: 'sklearn', uri }, runtime: { env: [{ name: 'A', value: 'b' }] }, ...usual },
    ]);
    expect(saidOf(outcomes)).toEqual([
      notes[0],
      'substitute spec.predictor.sklearn',
      'protocol spec.predictor.sklearn',
      'runtime-absent spec.predictor.sklearn.args',
      notes[1],
    ]);
  });

  it('loses nothing by a built-in runtime of the same protocol', () => {
    const outcomes = imported(service(`{ sklearn: { storageUri: "${uri}", protocolVersion: v2 } }`));
    expect(saidOf(outcomes)).toEqual([notes[0], 'substitute spec.predictor.sklearn', notes[1]]);
  });

  it('finds the folder of versions of TensorFlow Serving', () => {
    expect(specsOf(imported(service(`{ tensorflow: { storageUri: "${uri}" } }`)))).toMatchObject([
      { runtime: { name: 'tfserving', layout: { folder: '$(MODEL_NAME)' } } },
    ]);
  });

  it.each([
    ['KServe has for it', `{ pytorch: { storageUri: "${uri}" } }`, 'kserve-torchserve'],
    [
      'it names',
      `{ model: { modelFormat: { name: sklearn }, runtime: mine, storageUri: "${uri}" } }`,
      'mine',
    ],
  ])('whose files no built-in runtime reads waits for the one that %s', (_, predictor, name) => {
    const outcomes = imported(service(predictor));
    expect(specsOf(outcomes)).toMatchObject([{ runtime: { name } }]);
    expect(outcomes[0]?.remarks.at(-1)).toMatchObject({
      reason: 'not-accepted',
      detail: expect.stringContaining(`there is no InferenceRuntime ${name}`),
    });
  });
});

describe('beside its runtime', () => {
  const sklearn = (more = '') =>
    service(`{ model: { modelFormat: { name: sklearn }, storageUri: "${uri}"${more} } }`);
  const modelSpec = (yaml: string) => specsOf(imported(yaml)).at(-1);

  it('a model names it, and has what it changes of it', () => {
    expect(modelSpec(`${runtime()}---\n${sklearn()}`)).toMatchObject({ runtime: { name: 'server' } });
    expect(
      modelSpec(
        `${runtime()}---\n${sklearn(', args: [--workers=2], env: [{ name: A, value: b }], command: [run], runtimeVersion: "1.3"')}`,
      ),
    ).toMatchObject({
      runtime: {
        name: 'server',
        image: 'registry.example/server:1.3',
        command: ['run'],
        args: ['--model_name=iris', '--model_dir=/mnt/models', '--workers=2'],
        env: [{ name: 'A', value: 'b' }],
      },
    });
  });

  it.each([
    [
      'priority',
      [runtime('', { name: 'a' }), runtime('', { name: 'b' }).replace('priority: 1', 'priority: 2')],
      'b',
    ],
    ['protocol', [runtime('', { name: 'a' }).replace('[v1]', '[v2]'), runtime('', { name: 'b' })], 'b'],
    [
      'autoSelect',
      [runtime('', { name: 'a' }).replace('autoSelect: true, ', ''), runtime('', { name: 'b' })],
      'b',
    ],
    ['name', [runtime('', { name: 'b' }), runtime('', { name: 'a' })], 'a'],
  ])('KServe chooses it by %s', (_, runtimes, name) => {
    expect(modelSpec([...runtimes, sklearn()].join('---\n'))).toMatchObject({ runtime: { name } });
  });

  it('one of its own namespace goes first, under a name for all namespaces', () => {
    const local = runtime('', { name: 'local', namespace: 'demo' });
    const outcomes = imported(
      [runtime(), local, sklearn().replace('name: iris', 'name: iris, namespace: demo')].join('---\n'),
    );
    expect(specsOf(outcomes).at(-1)).toMatchObject({ runtime: { name: 'demo-local' } });
    expect(saidOf(outcomes)).toContain('cluster-scoped metadata.namespace');
  });

  it('a model has what a runtime says of it by its labels', () => {
    const labelled = runtime().replace(
      'args: [',
      'env: [{ name: TEAM, value: "{{.Labels.team}}" }]\n      args: [',
    );
    const outcomes = imported(
      `${labelled}---\n${sklearn().replace('{ name: iris }', '{ name: iris, labels: { team: a } }')}`,
    );
    expect(specsOf(outcomes)).toMatchObject([
      { container: { args: ['--model_name=$(MODEL_NAME)', '--model_dir=/mnt/models'] } },
      { runtime: { env: [{ name: 'TEAM', value: 'a' }] } },
    ]);
    expect(saidOf(outcomes)).toContain('placeholder spec.containers');
  });

  it('runtimes of KServe get what it adds for them', () => {
    const torch = runtime('', { name: 'kserve-torchserve' })
      .replace(
        'args: [',
        'env: [{ name: TS_SERVICE_ENVELOPE, value: "{{.Labels.serviceEnvelope}}" }]\n      args: [',
      )
      .replace('name: sklearn', 'name: pytorch')
      .replace('[v1]', '[v1, v2]');
    const model = service(
      `{ pytorch: { storageUri: "${uri}", protocolVersion: v2, resources: { limits: { nvidia.com/gpu: 1 } } } }`,
    );
    expect(specsOf(imported(`${torch}---\n${model}`))).toMatchObject([
      { accelerators: ['nvidia.com/gpu'] },
      {
        runtime: {
          image: 'registry.example/server:1.2-gpu',
          env: [
            { name: 'TS_SERVICE_ENVELOPE', value: 'kservev2' },
            { name: 'PROTOCOL_VERSION', value: 'v2' },
          ],
        },
      },
    ]);
  });

  it('a model that speaks gRPC tells its runtime the port, and a second port is lost', () => {
    const grpc = (name: string, port: number) =>
      sklearn(`, ports: [{ containerPort: ${port}, name: h2c, protocol: TCP }]`).replace(
        'name: iris',
        `name: ${name}`,
      );
    const outcomes = imported([runtime(), grpc('a', 9000), grpc('b', 9001)].join('---\n'));
    expect(specsOf(outcomes)).toMatchObject([
      { grpcPort: 9000 },
      { runtime: { transport: 'h2c' } },
      { runtime: { name: 'server' } },
    ]);
    expect(saidOf(outcomes)).toContain('runtime-port spec.predictor.model.ports');
  });

  it('a model that changes more of it is told that it cannot', () => {
    const outcomes = imported(`${runtime()}---\n${sklearn(', securityContext: { runAsUser: 5 }')}`);
    expect(saidOf(outcomes)).toContain('runtime-field spec.predictor.model.securityContext');
  });

  it('secrets to pull images with are those of both', () => {
    const outcomes = imported(
      `${runtime('imagePullSecrets: [{ name: a }, { name: b }]')}---\n${service(`{ imagePullSecrets: [{ name: b }, { name: c }], sklearn: { storageUri: "${uri}" } }`)}`,
    );
    expect(specsOf(outcomes).at(-1)).toMatchObject({
      imagePullSecrets: [{ name: 'a' }, { name: 'b' }, { name: 'c' }],
    });
  });
});

describe('a predictor with a container', () => {
  it('keeps it', () => {
    const [spec] = specsOf(
      imported(
        service(`{ containers: [{ name: any, image: "registry.example/own:1", command: [a], args: [b],
          env: [{ name: A, valueFrom: { secretKeyRef: { name: s, key: k } } }], envFrom: [{ configMapRef: { name: c } }],
          ports: [{ containerPort: 5000, protocol: TCP }], readinessProbe: { httpGet: { path: /ready, port: 5000 } },
          securityContext: { runAsUser: 1000, allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } },
          resources: { requests: { cpu: 0.1 }, limits: { memory: 1Gi, nvidia.com/gpu: 1 } } }] }`),
      ),
    );
    expect(spec).toEqual({
      container: {
        image: 'registry.example/own:1',
        command: ['a'],
        args: ['b'],
        env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }],
        envFrom: [{ configMapRef: { name: 'c' } }],
        port: 5000,
        readiness: { path: '/ready' },
        securityContext: { runAsUser: 1000 },
      },
      resources: {
        requests: { cpu: '100m', memory: '1Gi' },
        limits: { cpu: '1', memory: '1Gi', 'nvidia.com/gpu': '1' },
      },
      ...usual,
    });
  });

  it('gets the resources that KServe gives it, and may be root as there', () => {
    const outcomes = imported(service('{ containers: [{ image: "registry.example/own:1" }] }'));
    expect(specsOf(outcomes)).toMatchObject([
      {
        container: { securityContext: { runAsNonRoot: false } },
        resources: { requests: { cpu: '1', memory: '2Gi' }, limits: { cpu: '1', memory: '2Gi' } },
      },
    ]);
    expect(saidOf(outcomes)).toEqual([
      notes[0],
      'root spec.predictor.containers[0].securityContext.runAsNonRoot',
      'default spec.predictor.containers[0].resources',
      notes[1],
    ]);
  });

  it('that asks for a model becomes a runtime with a model', () => {
    const own = container.replace('image', `env: [{ name: STORAGE_URI, value: "${uri}" }], image`);
    const outcomes = imported(service(`{ containers: [${own}] }`, '{ name: iris, namespace: demo }'));
    expect(outcomes[0]?.objects).toMatchObject([
      {
        kind: 'InferenceRuntime',
        metadata: { name: 'demo-iris' },
        spec: { version: '1', container: { env: [{ name: 'STORAGE_URI', value: '$(MODEL_DIR)' }] } },
      },
      { kind: 'InferenceModel', spec: { model: { format: 'custom', uri }, runtime: { name: 'demo-iris' } } },
    ]);
    expect(saidOf(outcomes)).toContain('as-runtime spec.predictor.containers[0].env[0]');
  });
});

describe('all around a predictor', () => {
  const around = (fields: string, metadata?: string) =>
    imported(service(`{ containers: [${container}], ${fields} }`, metadata));

  it.each<[string, string, object]>([
    ['bounds', 'minReplicas: 0, maxReplicas: 3', { scale: { min: 0, max: 3 } }],
    ['no upper bound', 'maxReplicas: 0', { scale: { min: 1 } }],
    ['a target', 'scaleTarget: 5', { scale: { min: 1, target: { concurrency: 5 } } }],
    ['a metric', 'scaleTarget: 5, scaleMetric: rps', { scale: { min: 1, target: { rps: 5 } } }],
    ['a bound of requests', 'containerConcurrency: 10', { scale: { min: 1, containerConcurrency: 10 } }],
    ['a timeout', 'timeout: 600', { timeouts: { request: '600s', responseStart: '600s' } }],
    ['an account', 'serviceAccountName: sa', { serviceAccountName: 'sa' }],
    [
      'annotations',
      `annotations: { autoscaling.knative.dev/target: "2.5", autoscaling.knative.dev/metric: rps,
        autoscaling.knative.dev/targetUtilizationPercentage: "70", autoscaling.knative.dev/window: 90s,
        autoscaling.knative.dev/scale-to-zero-pod-retention-period: 1m, autoscaling.knative.dev/scale-down-delay: 2m,
        autoscaling.knative.dev/initial-scale: "2", autoscaling.knative.dev/target-burst-capacity: "-1",
        autoscaling.knative.dev/class: kpa.autoscaling.knative.dev, serving.knative.dev/progress-deadline: 20m }`,
      {
        scale: {
          min: 1,
          initial: 2,
          target: { rps: 2.5, utilization: 70 },
          window: '90s',
          idleAfter: '1m',
          downDelay: '2m',
          burst: -1,
        },
        timeouts: { progress: '20m' },
      },
    ],
  ])('%s are carried over', (_, fields, expected) => {
    const outcomes = around(fields);
    expect(specsOf(outcomes)).toMatchObject([expected]);
    const lost = saidOf(outcomes).filter((line) => !/^(default|account) /.test(line));
    expect(lost).toEqual([]);
  });

  it('a label keeps it within the cluster', () => {
    for (const key of ['networking.knative.dev/visibility', 'networking.kserve.io/visibility'])
      expect(specsOf(around('', `{ name: iris, labels: { ${key}: cluster-local } }`))).toMatchObject([
        { access: { visibility: 'cluster' } },
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
    expect(saidOf(outcomes)).toContain(line);
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
    expect(saidOf(outcomes)).toContain(`${reason} metadata.annotations["${key}"]`);
    expect(JSON.stringify(outcomes[0]?.objects).includes(key)).toBe(reason === 'metadata');
  });

  it('what a cluster adds says nothing', () => {
    const outcomes = imported(
      `${service(`{ containers: [${container}] }`, '{ name: iris, namespace: demo, uid: x, resourceVersion: "1", managedFields: [{ manager: a }] }')}status: { url: x }\n`,
    );
    expect(outcomes[0]?.objects).toMatchObject([{ metadata: { name: 'iris', namespace: 'demo' } }]);
    expect(saidOf(outcomes).filter((line) => line.startsWith('by-cluster'))).toEqual([
      'by-cluster metadata.uid',
      'by-cluster metadata.resourceVersion',
      'by-cluster metadata.managedFields',
      'by-cluster status',
    ]);
  });
});

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
      service('{ sklearn: { storageUri: a } }').replace('v1beta1', 'v1alpha2'),
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
    expect(outcomes).toMatchObject([{ result: 'refused', objects: [] }]);
    expect(saidOf(outcomes)).toEqual([line]);
  });

  it('the second of one name', () => {
    const one = service(`{ containers: [${container}] }`);
    expect(imported(`${one}---\n${one}`)).toMatchObject([
      { result: 'converted' },
      { result: 'refused', remarks: [{ reason: 'taken', detail: 'InferenceModel iris' }] },
    ]);
  });
});

it.each(['constructor', 'toString'])('%s is a name like any other', (name) => {
  const [model] = specsOf(
    imported(
      service(
        `{ model: { modelFormat: { name: ${name.toLowerCase()} }, runtime: ${name.toLowerCase()}, storageUri: "${uri}" } }`,
      ),
    ),
  );
  expect(model).toMatchObject({ runtime: { name: name.toLowerCase() } });
  const known = runtime('', { name: name.toLowerCase() });
  expect(imported(`${known}---\n${service(`{ sklearn: { storageUri: "${uri}" } }`)}`)).toMatchObject([
    { result: 'converted' },
    { result: 'converted' },
  ]);
});

it('what is of no such API is left alone', () => {
  expect(imported('apiVersion: v1\nkind: Secret\nmetadata: { name: a }')).toMatchObject([
    { result: 'foreign', objects: [], remarks: [] },
  ]);
});
