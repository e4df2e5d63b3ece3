import fc from 'fast-check';
import { mostly, someOf, wrongType } from './mostly.ts';
import { objectName } from './names.ts';
import { duration } from './scale.ts';

export const image = mostly(
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

const dataKey = mostly(
  fc.constantFrom('key', '.env', 'A_b-c.1', 'k'.repeat(253)),
  fc.constantFrom('', '.', '..', '..a', 'a b', 'ü'),
);
const keyRef = mostly(
  fc.record({ name: objectName, key: dataKey, optional: fc.boolean() }, { requiredKeys: ['name', 'key'] }),
  fc.constantFrom({ name: 'a' }, { key: 'k' }, null),
);
const valueFrom = mostly(
  fc.oneof(
    fc.record({ secretKeyRef: keyRef }),
    fc.record({ configMapKeyRef: keyRef }),
    fc.constant({ fieldRef: { fieldPath: 'metadata.name' } }),
  ),
  fc.record({ secretKeyRef: keyRef, configMapKeyRef: keyRef }),
  fc.constant({}),
);
export const variableName = mostly(
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

const port = mostly(fc.constantFrom(8080, 65535), fc.constantFrom<unknown[]>(0, 65536, '80'));
const http = fc.record(
  {
    path: mostly(
      fc.constantFrom('/', '/ready?deep=1', '/v2/%20/x'),
      fc.constantFrom('', 'x', '/a b', '/#', '/ü'),
    ),
    port,
  },
  { requiredKeys: ['path'] },
);

export const texts = fc.array(fc.string({ maxLength: 8, unit: 'grapheme' }), { maxLength: 3 });
export const container = fc.record(
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
      fc.oneof(
        fc.record({ http: http }),
        fc.record({ tcp: someOf({ port }) }),
        fc.record({ http, period: duration('1s', '10s'), failureThreshold: fc.integer({ min: 1, max: 9 }) }),
        fc.record({ grpc: someOf({ service: fc.constant('health') }), timeout: duration('2s') }),
      ),
      fc.constantFrom<unknown[]>(
        {},
        { http: { path: '/' }, tcp: {} },
        { path: '/' },
        { exec: { command: [] } },
      ),
    ),
    workingDir: fc.constantFrom('/app', '/'),
    volumeMounts: fc.constantFrom([], [{ name: 'shm', mountPath: '/dev/shm' }]),
    securityContext,
  },
  { requiredKeys: ['image'] },
);
