import fc from 'fast-check';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { Source } from '#import/source.ts';

const pathsOf = (source: Source) => source.remarks().map(({ path, reason }) => `${reason} ${path}`);

it('says of all that was not taken that it is lost, at the highest field of which nothing was', () => {
  const source = new Source({ a: { b: 1, c: { d: 2, e: [3] } }, f: { g: true }, h: 'x' });
  expect(source.at('a', 'b').read(z.number())).toBe(1);
  expect(source.at('h').read(z.string())).toBe('x');
  expect(pathsOf(source)).toEqual(['no-field a.c', 'no-field f']);
});

it('says so of the whole if nothing was taken, and nothing of what says nothing', () => {
  expect(pathsOf(new Source({ a: 1, b: 2 }))).toEqual(['no-field ']);
  expect(pathsOf(new Source({}))).toEqual([]);
  const source = new Source({ a: null, b: {}, c: [], d: 1 });
  source.at('d').takeIf(1);
  expect(pathsOf(source)).toEqual([]);
});

it('takes what a schema accepts, and says of any other value that it has no place', () => {
  const source = new Source({ a: 'x', b: 1, c: 1 });
  expect(source.at('a').read(z.number())).toBeUndefined();
  expect(source.at('b').read(z.number())).toBe(1);
  expect(source.at('c').takeIf(2)).toBe(false);
  expect(pathsOf(source)).toEqual(['value a', 'no-field c']);
});

it('keeps the first word that was found of a field, and may say more of what is missing', () => {
  const source = new Source({ a: [{ 'b/c': 1 }, { d: 2 }] });
  const [first, second] = source.at('a').items();
  first?.at('b/c').settle('agent');
  first?.at('b/c').settle('metrics');
  second?.at('d').takeIf(2);
  source.at('e').settle('metrics');
  source.at('f').note('default');
  expect(pathsOf(source)).toEqual(['agent a[0]["b/c"]', 'default f']);
});

it('finds no field where there is none, whatever it is called', () => {
  const source = new Source({ a: 'text' });
  for (const key of ['constructor', '__proto__', 'toString', 'length'])
    expect([source.at(key).exists, source.at('a', key).exists]).toEqual([false, false]);
  expect(source.at('a').items()).toEqual([]);
  expect(source.at('a').entries()).toEqual([]);
});

it('loses no leaf, whatever was taken', () => {
  fc.assert(
    fc.property(fc.object({ maxDepth: 4 }), fc.array(fc.nat(), { maxLength: 8 }), (value, choices) => {
      const source = new Source(value);
      const taken = choices.flatMap((choice) => leafOf(source, choice) ?? []);
      for (const leaf of taken) leaf.read(z.unknown());
      const found = source.remarks().map(({ path }) => path);
      const known = [...taken.map(({ path }) => path), ...found];
      for (const leaf of leavesOf(source))
        expect(
          known.some((path) => path === '' || leaf.path === path || /^[.[]/.test(after(leaf.path, path))),
        ).toBe(true);
    }),
  );
});

const after = (path: string, start: string) => (path.startsWith(start) ? path.slice(start.length) : '');

const below = (source: Source): Source[] => [
  ...source.items(),
  ...source.entries().map(([, found]) => found),
];

const leavesOf = (source: Source): Source[] => {
  if (!source.exists) return [];
  const found = below(source);
  return found.length > 0 ? found.flatMap(leavesOf) : [source];
};

function leafOf(source: Source, choice: number): Source | undefined {
  const leaves = leavesOf(source);
  return leaves[choice % leaves.length];
}
