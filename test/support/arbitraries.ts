import fc from 'fast-check';
import { mostly, someOf, wrongType } from './mostly.ts';

const image = mostly(
  fc.constantFrom(
    'ab',
    'iris:1',
    'team/a',
    'team/iris',
    'registry.example/team/iris:1.4',
    'localhost:5000/a__b/c--d:T_.-1',
    `registry.example:443/iris@sha256:${'0'.repeat(64)}`,
    `iris:tag@sha256:${'f'.repeat(64)}`,
  ),
  fc.constantFrom(
    '',
    'A/b',
    'a b',
    'a:',
    'a@sha256:0',
    '/a',
    'a//b',
    'a:b:c',
    '-a',
    'a.-b',
    'a..b',
    'ä',
    `a:${'x'.repeat(129)}`,
  ),
  wrongType,
);

/** The good ones among the names of objects: a ServiceAccount of that name must exist where pods are checked. */
export const objectNames = ['a', 'my-secret', 'a.b-c.d', 'x'.repeat(253)];
const objectName = mostly(
  fc.constantFrom(...objectNames),
  fc.constantFrom('', 'A', 'a_b', '-a', 'a-', 'a..b', 'x'.repeat(254)),
);
const dataKey = mostly(
  fc.constantFrom('key', '.env', 'A_b-c.1', 'k'.repeat(253)),
  fc.constantFrom('', '.', '..', '..a', 'a b', 'ü'),
);
const keyRef = mostly(
  fc.record({ name: objectName, key: dataKey, optional: fc.boolean() }, { requiredKeys: ['name', 'key'] }),
  fc.constantFrom({ name: 'a' }, { key: 'k' }, null),
);
const valueFrom = mostly(
  fc.oneof(fc.record({ secretKeyRef: keyRef }), fc.record({ configMapKeyRef: keyRef })),
  fc.record({ secretKeyRef: keyRef, configMapKeyRef: keyRef }),
  fc.constant({}),
);
const variableName = mostly(
  fc.stringMatching(/^[-._a-zA-Z][-._a-zA-Z0-9]{0,12}$/),
  fc.constantFrom('PORT', 'K_SERVICE', 'K_REVISION', '1A', '', 'A B', 'Ä', 'A=B'),
);
const variable = mostly(
  fc.oneof(
    fc.record({ name: variableName, value: fc.string({ maxLength: 12, unit: 'grapheme' }) }),
    fc.record({ name: variableName, valueFrom }),
    fc.record({ name: variableName }),
  ),
  fc.record({ name: variableName, value: fc.string({ maxLength: 4 }), valueFrom }),
  fc.constantFrom({}, { name: 'A', value: 1 }),
);
const reference = fc.record({ name: objectName, optional: fc.boolean() }, { requiredKeys: ['name'] });
const source = mostly(
  fc.oneof(
    fc.record({ prefix: variableName, secretRef: reference }, { requiredKeys: ['secretRef'] }),
    fc.record({ configMapRef: reference }),
  ),
  fc.constantFrom({}, { secretRef: { name: 'a' }, configMapRef: { name: 'b' } }),
);

const id = mostly(fc.integer({ min: 1, max: 2147483647 }), fc.constantFrom(0, -1, 2147483648, 1.5));
const securityContext = someOf({
  runAsUser: id,
  runAsGroup: id,
  runAsNonRoot: fc.boolean(),
  readOnlyRootFilesystem: fc.boolean(),
});

const texts = fc.array(fc.string({ maxLength: 8, unit: 'grapheme' }), { maxLength: 3 });
const container = fc.record(
  {
    image,
    command: mostly(texts, wrongType),
    args: mostly(texts, fc.constantFrom([1], [null])),
    env: mostly(
      fc.uniqueArray(variable, { maxLength: 3, selector: (item) => (item as { name?: unknown })?.name }),
      fc.array(fc.constant({ name: 'A' }), { minLength: 2, maxLength: 2 }),
      wrongType,
    ),
    envFrom: fc.array(source, { maxLength: 2 }),
    port: mostly(
      fc.integer({ min: 1, max: 65535 }),
      fc.constantFrom(0, 65536, 8008, 8012, 8013, 8022, 9090, 9091, 1.5, '80'),
    ),
    transport: mostly(fc.constantFrom('http1', 'h2c'), fc.constantFrom('http2', '')),
    protocol: mostly(fc.constantFrom('v1', 'v2', 'openai'), fc.constantFrom('v3', '')),
    readiness: mostly(
      fc.record(
        {
          path: mostly(
            fc.constantFrom('/', '/ready?deep=1', '/v2/%20/x'),
            fc.constantFrom('', 'x', '/a b', '/#', '/ü'),
          ),
          port: mostly(fc.constantFrom(8080, 65535), fc.constantFrom<unknown[]>(0, 65536, '80')),
        },
        { requiredKeys: ['path'] },
      ),
      fc.constant({}),
    ),
    securityContext,
  },
  { requiredKeys: ['image'] },
);

const noAmount = ['', '-1', '1e3', '1 Gi', '0.5m', '1.2345', -1, 1.5, null];
const cores = mostly(
  fc.constantFrom<(string | number)[]>(1, 2, '3', '500m', '0.5', '1000m', '0.25'),
  fc.constantFrom<unknown[]>(...noAmount, '1Gi', '2k', '1234567'),
);
const bytes = mostly(
  fc.constantFrom<(string | number)[]>(1000, '2000000', '1Gi', '1.5Gi', '0.5Ki', '2k', '100Mi', '3T', '2Ti'),
  fc.constantFrom<unknown[]>(...noAmount, '500m', '0.5', '1234567Gi'),
);
const fewCores = fc.constantFrom('100m', '0.1', 1);
const fewBytes = fc.constantFrom('64Mi', '1k', 1);
const device = mostly(fc.constantFrom<unknown[]>(1, '2'), fc.constantFrom<unknown[]>('500m', 0.5, '1.5', ''));
const resources = mostly(
  fc.oneof(
    someOf({
      requests: someOf({ cpu: cores, memory: bytes }),
      limits: someOf({ 'nvidia.com/gpu': device }),
    }),
    someOf({
      requests: someOf({ cpu: fewCores, memory: fewBytes, 'ephemeral-storage': fewBytes }),
      limits: someOf({
        cpu: cores,
        memory: bytes,
        'ephemeral-storage': bytes,
        'example.com/a_b.c-d': device,
      }),
    }),
  ),
  fc.constantFrom(
    { limits: { gpu: 1 } },
    { limits: { 'requests.kubernetes.io/x': 1 } },
    { limits: { 'nvidia.com/': 1 } },
    { requests: { 'nvidia.com/gpu': 1 } },
    { requests: { 'nvidia.com/gpu': 1 }, limits: { 'nvidia.com/gpu': 2 } },
    { requests: { 'nvidia.com/gpu': 1 }, limits: { 'nvidia.com/gpu': '1' } },
    { requests: { memory: '1025Mi' }, limits: { memory: '1Gi' } },
    { requests: { cpu: '2' }, limits: { cpu: '1999m' } },
  ),
  wrongType,
);

const duration = (...good: string[]) =>
  mostly(
    fc.constantFrom(...good),
    fc.constantFrom<unknown[]>(
      '',
      '5s',
      '5',
      '1.5h',
      '100ms',
      '1d',
      's',
      '25h',
      '61m',
      '0s',
      '00s',
      '1m1h',
      60,
      '-1s',
      '9999h',
    ),
  );
const count = mostly(fc.integer({ min: 0, max: 5 }), fc.constantFrom<unknown[]>(-1, 1.5, 2147483648, '1'));
const target = mostly(
  fc.oneof(
    someOf({
      concurrency: fc.constantFrom(0.01, 1, 2.5, 1000000),
      utilization: fc.integer({ min: 1, max: 100 }),
    }),
    someOf({ rps: fc.constantFrom(0.01, 10, 99.9) }),
  ),
  fc.constantFrom<unknown[]>(
    { concurrency: 0 },
    { rps: 1, concurrency: 1 },
    { utilization: 0 },
    { utilization: 101 },
    { rps: '1' },
  ),
);
const scale = someOf({
  min: count,
  max: mostly(fc.integer({ min: 5, max: 9 }), count),
  initial: mostly(fc.integer({ min: 1, max: 3 }), count),
  target,
  containerConcurrency: mostly(count, fc.constantFrom(1000, 1001)),
  window: duration('6s', '1m', '1h', '1m30s'),
  idleAfter: duration('0s', '1h', '0h10m'),
  downDelay: duration('0s', '59m60s'),
  burst: mostly(fc.integer({ min: -1, max: 300 }), fc.constantFrom(-2, 0.5)),
});
const timeouts = someOf({
  request: duration('10m', '5m', '600s', '1h'),
  responseStart: duration('1s', '1m', '5m'),
  idle: duration('1s', '1m', '5m'),
  progress: duration('1s', '24h', '10m'),
});

const runtime = someOf({
  name: mostly(
    fc.constantFrom('mlserver-sklearn', 'mlserver-sklearn@1.7.1'),
    fc.constantFrom('', 'A', 'a@', '@1', 'a b'),
  ),
  image,
  command: texts,
  args: texts,
  env: fc.uniqueArray(fc.record({ name: variableName, value: fc.constant('x') }), {
    maxLength: 2,
    selector: ({ name }) => name,
  }),
  layout: mostly(
    someOf({
      folder: mostly(
        fc.constantFrom('$(MODEL_NAME)/1', 'a', 'a/b.c/d_e'),
        fc.constantFrom('', '/', '/a', 'a/', '..', 'a/../b', '$(MODEL_DIR)', 'a b', '.a'),
      ),
      file: mostly(
        fc.constantFrom('model.onnx', 'model.*', 'a'),
        fc.constantFrom('', '.a', 'a/b', '*', 'a*', '..', 'a.'),
      ),
    }),
    wrongType,
  ),
  transport: mostly(fc.constantFrom('http1', 'h2c'), fc.constantFrom('grpc', '')),
});
const served = fc.record(
  {
    format: mostly(fc.constant('sklearn'), fc.constantFrom('', 'Sklearn', 'a b')),
    uri: mostly(
      fc.constantFrom('s3://models/iris/v3', 'https://models.example/iris.tar.gz?v=1#a', 'file:///models'),
      fc.constantFrom('', 's3://', 'iris', 'ftp://a/b', 's3://a b', 's3://a"b'),
    ),
    digest: mostly(
      fc.constant(`sha256:${'0'.repeat(64)}`),
      fc.constantFrom('sha256:0', `sha256:${'A'.repeat(64)}`),
    ),
    size: bytes,
    credentials: fc.record({ secretRef: fc.record({ name: objectName }) }),
  },
  { requiredKeys: ['format', 'uri'] },
);

/** Leaves what a spec of this kind has: a server of its own, or a model with its runtime. */
function withServer<T extends { kind: string; container: unknown; model: unknown; runtime?: unknown }>(
  spec: T,
) {
  const { kind, container, model, runtime, ...rest } = spec;
  return {
    ...rest,
    ...((kind === 'container' || kind === 'both') && { container }),
    ...((kind === 'model' || kind === 'both') && { model, ...(runtime !== undefined && { runtime }) }),
  };
}

/** Specs of InferenceModels, some good and some not, with every field of the schema. */
export const modelSpec = mostly(
  fc
    .record(
      {
        kind: mostly(fc.constantFrom('container', 'model'), fc.constantFrom('both', 'neither')),
        container: mostly(container, wrongType),
        model: served,
        runtime,
        resources,
        scale,
        timeouts,
        access: mostly(
          someOf({ visibility: mostly(fc.constantFrom('cluster', 'public'), fc.constant('private')) }),
          wrongType,
        ),
        serviceAccountName: objectName,
        imagePullSecrets: mostly(
          fc.uniqueArray(fc.record({ name: objectName }), { maxLength: 2, selector: ({ name }) => name }),
          fc.constant([{ name: 'a' }, { name: 'a' }]),
        ),
        surprise: fc.constant(1),
      },
      { requiredKeys: ['kind', 'container', 'model'] },
    )
    .map(withServer)
    .map(({ surprise, ...spec }) =>
      surprise && spec.access === undefined && spec.scale === undefined ? { ...spec, surprise } : spec,
    ),
  fc.constant({}),
);

export const modelName = mostly(
  fc.stringMatching(/^[a-z]([-a-z0-9]{0,46}[a-z0-9])?$/),
  fc.constantFrom('1a', 'a.b', 'a-', 'x'.repeat(49), 'x'.repeat(48)),
);
