import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lines } from '#kube/client/responses.ts';
import { collect } from '../fixtures.ts';

async function* cut(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let start = 0;
  for (let i = 0; start < bytes.length; i++) {
    const end = start + (sizes[i % sizes.length] ?? 1);
    yield bytes.subarray(start, end);
    start = end;
  }
}

const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((line) => !line.includes('\n'));
const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 });

test('lines come out whole wherever the stream was cut, also inside a character', () =>
  fc.assert(
    fc.asyncProperty(fc.array(text), sizes, async (all, cuts) => {
      const bytes = Buffer.from(all.map((line) => `${line}\n`).join(''));
      expect(await collect(lines(cut(bytes, cuts), 1000))).toEqual(all);
    }),
  ));

test('a line without its end is dropped', async () => {
  expect(await collect(lines(cut(Buffer.from('{"a":1}\n{"b"'), [5]), 100))).toEqual(['{"a":1}']);
});

test.each([
  ['ends', `${'x'.repeat(11)}\n`],
  ['never ends', 'x'.repeat(1000)],
])('a line over the limit that %s is refused', async (_, input) => {
  await expect(collect(lines(cut(Buffer.from(input), [4]), 10))).rejects.toThrow('more than 10 bytes');
});
