import fc from 'fast-check';
import { modelSpec } from '../support/arbitraries/spec.ts';
import { manifest } from '../support/models.ts';

export type Json = Record<string, unknown>;

/** Stands in a text for what no JSON.stringify writes. */
const raw = (token: string) => `\u0001${token}\u0001`;
/** The text of a value, as JSON; with numbers in it that JavaScript does not have. */
export const written = (value: unknown): string =>
  JSON.stringify(value).replaceAll(/"\\u0001([^"]*)\\u0001"/g, (_, token) => token);

/** Text that nobody means. */
export const oddText = fc.constantFrom(
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

/** Values of other types than a field has, and beyond its bounds. */
export const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(null) },
  { weight: 4, arbitrary: oddText },
  fc.constantFrom<unknown[]>(
    ...[{}, [], [[]], [null], [{}], { a: null }, true, false, 0, -1, 1.5, 2 ** 53, -(2 ** 63), 1e308, 5e-324],
    ...[raw('1e400'), raw('-0'), raw('9223372036854775808'), raw('1e2'), raw('1.0'), raw('1E+2')],
    ...['1', '1.5', '-1', '1e3', { valueOf: 1 }, { toString: null }, { constructor: {} }],
  ),
);

/** Specs, good and bad. */
export const spec = modelSpec as fc.Arbitrary<Json>;
/** A name that the CRD takes; another one for each model but by bad luck. */
export const name = fc.stringMatching(/^m[a-z0-9]{9,12}$/);
/** Models with such specs, as they stand in a file. */
export const model = fc
  .tuple(spec, name)
  .map(([written, chosen]) => manifest(written, { name: chosen }) as Json);
