import fc from 'fast-check';
import { manifest } from '../support/models.ts';
import { edgeName, forgedLabels, forgedMetadata, forgedStatus } from './forged.ts';
import { type Json, model, name, oddText, oddValue, written } from './odd.ts';

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
  'forged labels and annotations': { weight: 8, text: forgedLabels },
  'forged metadata': { weight: 8, text: forgedMetadata },
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
