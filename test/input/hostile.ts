import fc from 'fast-check';
import { modelName, modelSpec } from '../support/arbitraries.ts';
import { manifest } from '../support/models.ts';
import { someOf } from '../support/mostly.ts';

/** What somebody sends to the API server as an InferenceModel. */
export interface Input {
  /** What is odd about it, in a few words. */
  readonly kind: string;
  /** The body of the request: JSON, or YAML, of which JSON is a part. */
  readonly text: string;
  readonly type: 'json' | 'yaml';
  /** Whether unknown and doubled fields are refused, as `kubectl` asks for, or dropped. */
  readonly strict: boolean;
}

type Json = Record<string, unknown>;

/** Stands in a text for what no JSON.stringify writes. */
const raw = (token: string) => `\u0001${token}\u0001`;
const written = (value: unknown): string =>
  JSON.stringify(value).replaceAll(/"\\u0001([^"]*)\\u0001"/g, (_, token) => token);

const oddText = fc.constantFrom(
  ...['', ' ', '\0', 'a\0b', '\u001b[31m', '\r\n', '\ufeff', '\u200b', 'i\u200dris', '\u202eiris', '\u2028'],
  ...['e\u0301\u0301\u0301', '👩‍👩‍👧‍👦', 'ırıs', '名前', '\ud800', 'a\udfff', '\uffff', '\u{10ffff}'],
  ...['null', 'true', '0', '1e400', '0x10', '1_000', '~', '-', '.', '..', '../../etc/passwd', '/', '//'],
  ...[
    '$(MODEL_DIR)',
    '$(A)$(',
    `\${HOME}`,
    '{{ .Values }}',
    '%s%n',
    "'; DROP TABLE",
    '`id`',
    '<b>',
    '\n---\n',
  ],
  ...['x'.repeat(254), 'ü'.repeat(5000), '['.repeat(2000), `${'a'.repeat(40)}!`.repeat(50)],
);
const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(null) },
  { weight: 4, arbitrary: oddText },
  fc.constantFrom<unknown[]>(
    ...[{}, [], [[]], [null], [{}], { a: null }, true, false, 0, -1, 1.5, 2 ** 53, -(2 ** 63), 1e308, 5e-324],
    ...[raw('1e400'), raw('-0'), raw('9223372036854775808'), raw('1e2'), raw('1.0'), raw('1E+2')],
    ...['1', '1.5', '-1', '1e3', { valueOf: 1 }, { toString: null }, { constructor: {} }],
  ),
);

const spec = modelSpec as fc.Arbitrary<Json>;
/** A name that the CRD takes, mostly; another one for each model but by bad luck. */
const name = fc.stringMatching(/^m[a-z0-9]{9,12}$/);
const model = fc.tuple(spec, name).map(([written, chosen]) => manifest(written, { name: chosen }) as Json);

/** The model with the value at one of its paths, chosen by `at`, put in place of what is there. */
function replacedAt(object: Json, at: number, value: unknown): Json {
  const copy = structuredClone(object);
  const places: (() => void)[] = [];
  const visit = (item: unknown): void => {
    if (item === null || typeof item !== 'object') return;
    const holder = item as Json;
    for (const key of Object.keys(holder)) {
      places.push(() => {
        holder[key] = value;
      });
      visit(holder[key]);
    }
  };
  visit(copy.spec);
  places[at % places.length]?.();
  return copy;
}

const somewhere = (value: fc.Arbitrary<unknown>) =>
  fc.tuple(model, fc.nat(), value).map(([object, at, odd]) => written(replacedAt(object, at, odd)));

/** The text of a JSON object with one of its keys a second time, with the same value or another. */
const doubled = fc
  .tuple(model, fc.constantFrom('metadata', 'spec', 'kind', 'apiVersion'), fc.boolean(), oddValue)
  .map(([object, key, same, odd]) =>
    written(object).replace(/\}$/, `,"${key}":${written(same ? object[key] : odd)}}`),
  );

const nested = (depth: number, list: boolean): string =>
  list ? '['.repeat(depth) + ']'.repeat(depth) : `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
const deep = fc
  .tuple(
    model,
    fc.constantFrom(10, 100, 1000, 9_000, 20_000),
    fc.boolean(),
    fc.constantFrom('spec', 'metadata', 'container', 'top'),
  )
  .map(([object, depth, list, where]) => {
    const at = where === 'top' ? /^\{/ : new RegExp(`"${where}":\\{`);
    return written(object).replace(at, (found) => `${found}"deep":${nested(depth, list)},`);
  });

const mebibyte = 1024 * 1024;
const huge = fc
  .tuple(
    name,
    fc.constantFrom(0.3, 0.7, 1, 1.3, 1.45, 1.5, 2.9, 3.1),
    fc.constantFrom('args', 'env', 'annotation', 'unknown'),
  )
  .map(([chosen, size, where]) => {
    const bytes = Math.floor(size * mebibyte);
    const parts = (each: number) => Array.from({ length: Math.ceil(bytes / each) }, () => 'x'.repeat(each));
    const container: Json = { image: 'dev.local/iris:1' };
    if (where === 'args') container.args = parts(4096).slice(0, 256);
    if (where === 'env') container.env = parts(32_768).map((value, index) => ({ name: `A${index}`, value }));
    const annotations = where === 'annotation' ? { note: 'x'.repeat(bytes) } : {};
    const unknown = where === 'unknown' ? { surprise: parts(1024) } : {};
    return written(manifest({ container, ...unknown }, { name: chosen, annotations }));
  });

/** Metadata in which a user says what only the operator, or the API server, has to say. */
const forged = fc
  .tuple(
    spec,
    name,
    someOf({
      labels: someOf({
        'dormouse.dev/model': fc.constantFrom('canary', '', 'x'.repeat(63)),
        'app.kubernetes.io/managed-by': fc.constant('dormouse'),
        'serving.knative.dev/service': fc.constant('canary'),
      }),
      annotations: someOf({
        'dormouse.dev/intent': fc.constantFrom('aaaaaaaaaa', ''),
        'dormouse.dev/refresh': fc.oneof(oddText, fc.constant('x'.repeat(200_000))),
        'dormouse.dev/applied': fc.constant('aaaaaaaaaa'),
        'dormouse.dev/runtime': fc.constant('none@0'),
        'dormouse.dev/delivery': fc.constant('teleport'),
        'serving.knative.dev/creator': fc.constant('admin'),
        'autoscaling.knative.dev/max-scale': fc.constant('-1'),
      }),
      generateName: fc.constantFrom('gen-', 'Gen', 'x'.repeat(60), 'gen'),
      uid: fc.constant('00000000-0000-0000-0000-000000000000'),
      resourceVersion: fc.constantFrom('', '1', 'x'),
      generation: fc.constantFrom(0, 99, -1),
      creationTimestamp: fc.constantFrom(null, '2001-01-01T00:00:00Z', 'yesterday'),
      deletionTimestamp: fc.constant('2001-01-01T00:00:00Z'),
      managedFields: fc.constantFrom<unknown[]>([], [{ manager: 'dormouse', operation: 'Apply' }], null),
      namespace: fc.constantFrom('', 'kube-system', 'no such'),
      selfLink: fc.constant('/'),
    }),
    fc.boolean(),
  )
  .map(([body, chosen, metadata, named]) =>
    written(
      manifest(body, {
        ...metadata,
        ...(named || !('generateName' in metadata) ? { name: chosen } : { name: undefined }),
      }),
    ),
  );

const forgedStatus = fc.tuple(model, oddValue).map(([object, odd]) =>
  written({
    ...object,
    status: {
      observedGeneration: 1,
      state: 'Awake',
      url: 'http://elsewhere.example',
      replicas: 99,
      conditions: [
        { type: 'Ready', status: 'True', reason: 'Forged', message: 'x', lastTransitionTime: odd },
      ],
    },
  }),
);

const edgeName = fc
  .tuple(
    spec,
    fc.oneof(
      modelName,
      oddText,
      fc.constantFrom<unknown[]>(
        ...[
          'a',
          'a-0',
          '0a',
          'a.b',
          'A',
          'a_b',
          'x'.repeat(48),
          'x'.repeat(49),
          'x'.repeat(253),
          null,
          1,
          {},
        ],
      ),
    ),
  )
  .map(([body, chosen]) => written(manifest(body, { name: chosen })));

const noObject = fc.oneof(
  fc.constantFrom(
    '',
    'null',
    '[]',
    '1',
    '"x"',
    '{',
    '{}',
    '\0',
    '{"kind":"InferenceModel"}',
    'a: 1',
    '---',
    '&a *a',
  ),
  model.map((object) => written(object).slice(0, -7)),
  fc
    .tuple(model, fc.constantFrom('apiVersion', 'kind', 'metadata', 'spec'), oddValue)
    .map(([object, key, odd]) => written({ ...object, [key]: odd })),
);

const yaml = model.map((object) =>
  [
    `apiVersion: ${object.apiVersion}`,
    `kind: ${object.kind}`,
    `metadata: ${written(object.metadata)}`,
    `base: &base ${written(object.spec)}`,
    'spec: *base',
  ].join('\n'),
);

const kinds: Readonly<Record<string, { weight: number; text: fc.Arbitrary<string>; type?: 'yaml' }>> = {
  'good and bad fields': { weight: 100, text: model.map(written) },
  'an odd value somewhere': { weight: 40, text: somewhere(oddValue) },
  'odd text somewhere': { weight: 20, text: somewhere(oddText) },
  'a key twice': { weight: 6, text: doubled },
  'deep nesting': { weight: 4, text: deep },
  huge: { weight: 1, text: huge },
  'forged metadata': { weight: 10, text: forged },
  'forged status': { weight: 6, text: forgedStatus },
  'a name at its edge': { weight: 8, text: edgeName },
  'no object': { weight: 4, text: noObject },
  'YAML with an alias': { weight: 1, text: yaml, type: 'yaml' },
};

/** Good, bad and hostile InferenceModels. */
export const hostileInput: fc.Arbitrary<Input> = fc.oneof(
  ...Object.entries(kinds).map(([kind, { weight, text, type = 'json' as const }]) => ({
    weight,
    arbitrary: fc
      .tuple(text, fc.boolean())
      .map(([written, strict]): Input => ({ kind, text: written, type, strict })),
  })),
);
