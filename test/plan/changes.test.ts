import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changesOf } from '#plan/changes.ts';

describe('the fields that differ', () => {
  it.each<[string, unknown, unknown, object[]]>([
    ['a field', { a: { b: 1 } }, { a: { b: 2 } }, [{ path: 'a.b', before: 1, after: 2 }]],
    ['a new field', {}, { a: 1 }, [{ path: 'a', before: undefined, after: 1 }]],
    ['a field taken away', { a: 1 }, {}, [{ path: 'a', before: 1, after: undefined }]],
    [
      'an annotation',
      { annotations: { 'x.dev/y': 'a' } },
      { annotations: { 'x.dev/y': 'b' } },
      [{ path: 'annotations[x.dev/y]', before: 'a', after: 'b' }],
    ],
    [
      'of items with names each by its name, wherever it stands',
      {
        env: [
          { name: 'A', value: '1' },
          { name: 'B', value: '1' },
        ],
      },
      {
        env: [
          { name: 'C', value: '1' },
          { name: 'A', value: '2' },
        ],
      },
      [
        { path: 'env[A].value', before: '1', after: '2' },
        { path: 'env[B]', before: { name: 'B', value: '1' }, after: undefined },
        { path: 'env[C]', before: undefined, after: { name: 'C', value: '1' } },
      ],
    ],
    [
      'their order, where nothing else does: Kubernetes expands variables in it',
      { env: [{ name: 'A' }, { name: 'B' }] },
      { env: [{ name: 'B' }, { name: 'A' }] },
      [{ path: 'env', before: ['A', 'B'], after: ['B', 'A'] }],
    ],
    [
      'one of as many arguments',
      { args: ['a', 'b'] },
      { args: ['a', 'c'] },
      [{ path: 'args[1]', before: 'b', after: 'c' }],
    ],
    [
      'all arguments where one more has come',
      { args: ['a'] },
      { args: ['a', 'b'] },
      [{ path: 'args', before: ['a'], after: ['a', 'b'] }],
    ],
  ])('%s', (_, before, after, changes) => {
    expect(changesOf(before, after)).toEqual(changes);
  });

  it('are none exactly where nothing differs', () => {
    const plain = { noNullPrototype: true };
    const item = fc.record({ name: fc.constantFrom('a', 'b', 'c'), value: fc.nat(1) }, plain);
    const few = { maxLength: 3 };
    const value = fc.oneof(
      fc.record({ items: fc.array(item, few), texts: fc.array(fc.constantFrom('a', 'b'), few) }, plain),
      fc.dictionary(fc.constantFrom('a', 'b', 'x.dev/y'), fc.nat(1), plain),
    );
    fc.assert(
      fc.property(value, value, (before, after) => {
        expect(changesOf(before, structuredClone(before))).toEqual([]);
        expect(changesOf(before, after).length === 0).toBe(isDeepStrictEqual(before, after));
      }),
    );
  });
});
