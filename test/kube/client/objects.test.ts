import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isSubset } from '#kube/client/objects.ts';

it.each<[string, unknown, unknown, boolean]>([
  ['has more than is desired', { a: 1, b: 2 }, { a: 1 }, true],
  ['has another value', { a: 1 }, { a: 2 }, false],
  ['lacks a field', {}, { a: 1 }, false],
  ['lacks a field that nobody gave a value', {}, { a: undefined }, true],
  ['lacks the whole object', undefined, { a: 1 }, false],
  ['has text where a map is desired', { a: 'b' }, { a: { length: 1 } }, false],
  ['has a longer list', { a: [1, 2] }, { a: [1] }, false],
  ['has a list in another order', { a: [1, 2] }, { a: [2, 1] }, false],
  ['has list items with fields of others', { a: [{ b: 1, c: 2 }] }, { a: [{ b: 1 }] }, true],
])('what %s: %j of %j', (_, live, desired, expected) => {
  expect(isSubset(live, desired)).toBe(expected);
});

it('everything isSubset itself', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => isSubset(value, structuredClone(value))));
});
