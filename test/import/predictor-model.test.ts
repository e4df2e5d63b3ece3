import { describe, expect, it } from 'vitest';
import { imported, notes, remarksOf, runtime, service, specsOf, uri, usual } from './inputs.ts';

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
    expect(remarksOf(outcomes)).toEqual([
      notes[0],
      'substitute spec.predictor.sklearn',
      'protocol spec.predictor.sklearn',
      'runtime-absent spec.predictor.sklearn.args',
      notes[1],
    ]);
  });

  it('loses nothing by a built-in runtime of the same protocol', () => {
    const outcomes = imported(service(`{ sklearn: { storageUri: "${uri}", protocolVersion: v2 } }`));
    expect(remarksOf(outcomes)).toEqual([notes[0], 'substitute spec.predictor.sklearn', notes[1]]);
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
    expect(remarksOf(outcomes)).toContain('cluster-scoped metadata.namespace');
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
    expect(remarksOf(outcomes)).toContain('placeholder spec.containers');
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
      { accelerator: { devices: ['nvidia.com/gpu'] } },
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
    expect(remarksOf(outcomes)).toContain('runtime-port spec.predictor.model.ports');
  });

  it.each([
    {
      name: 'by the name of its port',
      ports: '[{ containerPort: 8080 }, { containerPort: 9000, name: grpc }]',
    },
    {
      name: 'by a longer name',
      ports: '[{ containerPort: 8080, name: http1 }, { containerPort: 9000, name: grpc-infer }]',
    },
    { name: 'by Knative’s name', ports: '[{ containerPort: 8080 }, { containerPort: 9000, name: h2c }]' },
  ])('a model that speaks grpc-v2 asks its runtime for gRPC: $name', ({ ports }) => {
    const both = runtime()
      .replace('[v1]', '[v1, grpc-v2]')
      .replace('args: [', `ports: ${ports}\n      args: [`);
    expect(specsOf(imported(`${both}---\n${sklearn(', protocolVersion: grpc-v2')}`))).toMatchObject([
      { grpcPort: 9000 },
      { runtime: { name: 'server', transport: 'h2c' } },
    ]);
    expect(specsOf(imported(`${both}---\n${sklearn()}`))).toEqual([
      expect.objectContaining({ grpcPort: 9000 }),
      expect.objectContaining({ runtime: { name: 'server' } }),
    ]);
  });

  it('a runtime that speaks gRPC alone does so on its port', () => {
    const outcomes = imported(
      `${runtime().replace('[v1]', '[grpc-v2]')}---\n${sklearn(', protocolVersion: grpc-v2')}`,
    );
    expect(specsOf(outcomes)).toMatchObject([
      { container: { transport: 'h2c' } },
      { runtime: { name: 'server' } },
    ]);
  });

  it('gRPC is lost where no port of the runtime is of gRPC', () => {
    const outcomes = imported(
      `${runtime().replace('[v1]', '[v1, grpc-v2]')}---\n${sklearn(', protocolVersion: grpc-v2')}`,
    );
    expect(remarksOf(outcomes)).toContain('protocol spec.predictor.model.protocolVersion');
  });

  it('a built-in runtime speaks gRPC to a model that asks for it', () => {
    expect(
      specsOf(imported(service(`{ sklearn: { storageUri: "${uri}", protocolVersion: grpc-v2 } }`))),
    ).toMatchObject([{ runtime: { transport: 'h2c' } }]);
  });

  it('what a runtime says to Knative goes to its models, behind what these say themselves', () => {
    const annotated = runtime(
      `annotations: { serving.knative.dev/progress-deadline: 30m, autoscaling.knative.dev/target: "5",
        autoscaling.knative.dev/metric: rps, autoscaling.knative.dev/window: 90s, prometheus.kserve.io/port: "8080" }`,
    );
    const outcomes = imported(
      `${annotated}---\n${service(
        `{ sklearn: { storageUri: "${uri}" } }`,
        '{ name: iris, annotations: { autoscaling.knative.dev/window: 2m } }',
      )}`,
    );
    expect(specsOf(outcomes)[1]).toMatchObject({
      scale: { target: { rps: 5 }, window: '2m' },
      timeouts: { progress: '30m' },
    });
    expect(remarksOf(outcomes)).toEqual(
      expect.arrayContaining([
        'each-model spec.annotations["serving.knative.dev/progress-deadline"]',
        'each-model spec.annotations["autoscaling.knative.dev/window"]',
      ]),
    );
    expect(remarksOf(outcomes).filter((line) => line.startsWith('no-field'))).toEqual([]);
  });

  it('a model that changes more of it is told that it cannot', () => {
    const outcomes = imported(`${runtime()}---\n${sklearn(', securityContext: { runAsUser: 5 }')}`);
    expect(remarksOf(outcomes)).toContain('runtime-field spec.predictor.model.securityContext');
  });

  it('what belongs to pods stays with the one that says it', () => {
    const outcomes = imported(
      `${runtime(
        `imagePullSecrets: [{ name: a }]
  nodeSelector: { pool: gpu }
  tolerations: [{ key: gpu, operator: Exists }]
  labels: { a: b }`,
      )}---\n${service(`{ imagePullSecrets: [{ name: b }], sklearn: { storageUri: "${uri}" } }`)}`,
    );
    expect(specsOf(outcomes)).toMatchObject([
      {
        pod: {
          imagePullSecrets: [{ name: 'a' }],
          nodeSelector: { pool: 'gpu' },
          tolerations: [{ key: 'gpu', operator: 'Exists' }],
          labels: { a: 'b' },
        },
      },
      { pod: { imagePullSecrets: [{ name: 'b' }] } },
    ]);
    expect(remarksOf(outcomes).filter((line) => line.startsWith('no-field'))).toEqual([]);
  });

  it('a volume that its runtime mounts may be another one for a model', () => {
    const mounted = runtime('volumes: [{ name: shm, emptyDir: { medium: Memory } }]').replace(
      'args: [',
      'volumeMounts: [{ name: shm, mountPath: /dev/shm }]\n      args: [',
    );
    const outcomes = imported(
      `${mounted}---\n${service(
        `{ volumes: [{ name: shm, emptyDir: { medium: Memory, sizeLimit: 8Gi } }, { name: other, emptyDir: {} }], sklearn: { storageUri: "${uri}" } }`,
      )}`,
    );
    expect(specsOf(outcomes)).toMatchObject([
      {
        container: { volumeMounts: [{ name: 'shm', mountPath: '/dev/shm' }] },
        pod: { volumes: [{ name: 'shm', emptyDir: { medium: 'Memory' } }] },
      },
      { pod: { volumes: [{ name: 'shm', emptyDir: { medium: 'Memory', sizeLimit: '8Gi' } }] } },
    ]);
    expect(remarksOf(outcomes)).toContain('ignored spec.predictor.volumes[1]');
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
