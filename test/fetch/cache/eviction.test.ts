import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CachedModel, chooseEvictions, unfinishedMs } from '#fetch/cache/eviction.ts';

const day = 24 * 60 * 60 * 1000;
const now = 1000 * day;

/** A model of ten bytes that was used some days ago. */
const used = (key: string, days: number, more: Partial<CachedModel> = {}): CachedModel => ({
  key,
  state: 'complete',
  bytes: 10,
  lastUsed: now - days * day,
  ...more,
});

const unfinished = { state: 'unfinished' } as const;
const locked = { state: 'locked' } as const;

describe('what is evicted', () => {
  it.each<
    [
      what: string,
      models: CachedModel[],
      limits: { maxBytes?: number; maxAgeMs?: number; keep?: string[] },
      evicted: string[],
    ]
  >([
    ['nothing without limits', [used('a', 900)], {}, []],
    ['nothing of an empty cache', [], { maxBytes: 0, maxAgeMs: 1 }, []],
    ['what is too old', [used('a', 31), used('b', 29)], { maxAgeMs: 30 * day }, ['a age']],
    ['not what is just old enough', [used('a', 30)], { maxAgeMs: 30 * day }, []],
    [
      'the least recently used',
      [used('a', 1), used('b', 3), used('c', 2)],
      { maxBytes: 10 },
      ['b size', 'c size'],
    ],
    ['no more than needed', [used('a', 1), used('b', 2)], { maxBytes: 19 }, ['b size']],
    ['nothing at the very size', [used('a', 1), used('b', 2)], { maxBytes: 20 }, []],
    ['all but what is kept', [used('a', 9), used('b', 1)], { maxBytes: 0, keep: ['a'] }, ['b size']],
    ['nothing kept, however old', [used('a', 900)], { maxAgeMs: day, keep: ['a'] }, []],
    ['nothing that is fetched', [used('a', 900, locked)], { maxBytes: 0, maxAgeMs: day }, []],
    ['what was begun and given up', [used('a', 2, unfinished)], {}, ['a unfinished']],
    ['not what was begun today', [used('a', 0.5, unfinished)], {}, []],
    ['not what was begun and is kept', [used('a', 2, unfinished)], { keep: ['a'] }, []],
    ['what was begun today, for its size', [used('a', 0.5, unfinished)], { maxBytes: 0 }, ['a size']],
    [
      'first what is too old: it makes room for what is older and may stay',
      [used('a', 9), used('b', 2, unfinished)],
      { maxBytes: 10 },
      ['b unfinished'],
    ],
    [
      'nothing without bytes, for its size',
      [used('a', 9, { bytes: 0 }), used('b', 1)],
      { maxBytes: 0 },
      ['b size'],
    ],
    ['by key where the time is the same', [used('b', 1), used('a', 1)], { maxBytes: 10 }, ['a size']],
  ])('%s', (_, models, { keep = [], ...limits }, evicted) => {
    const chosen = chooseEvictions(models, { keep: new Set(keep), now, ...limits });
    expect(chosen.map(({ model, reason }) => `${model.key} ${reason}`)).toEqual(evicted);
  });
});

const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
const models = fc.uniqueArray(
  fc.record({
    key: fc.constantFrom(...keys),
    state: fc.constantFrom('complete' as const, 'unfinished' as const, 'locked' as const),
    bytes: fc.nat(100),
    lastUsed: fc.integer({ min: now - 5 * day, max: now + day }),
  }),
  { selector: ({ key }) => key },
);
const optional = (max: number) => fc.option(fc.nat(max), { nil: undefined });

it('after it the cache is small and young enough, or only what must stay is left; nothing goes that must stay', () => {
  const property = fc.property(
    models,
    fc.subarray(keys),
    optional(300),
    optional(5 * day),
    (cached, kept, maxBytes, maxAgeMs) => {
      const keep = new Set(kept);
      const mustStay = ({ key, state }: CachedModel) => keep.has(key) || state === 'locked';
      const evictions = chooseEvictions(cached, { keep, now, maxBytes, maxAgeMs });
      const gone = new Set(evictions.map(({ model }) => model));
      const left = cached.filter((model) => !gone.has(model));
      expect(gone.size).toBe(evictions.length);
      expect([...gone].filter(mustStay)).toEqual([]);
      const free = left.filter((model) => !mustStay(model) && model.bytes > 0);
      if (left.reduce((sum, { bytes }) => sum + bytes, 0) > (maxBytes ?? Number.POSITIVE_INFINITY))
        expect(free).toEqual([]);
      const ageOf = ({ lastUsed }: CachedModel) => now - lastUsed;
      if (maxAgeMs !== undefined)
        expect(left.filter((model) => !mustStay(model) && ageOf(model) > maxAgeMs)).toEqual([]);
      // What goes for the size is older than all that stays and could have gone.
      const sized = evictions.filter(({ reason }) => reason === 'size').map(({ model }) => ageOf(model));
      for (const model of free) expect(ageOf(model)).toBeLessThanOrEqual(Math.min(...sized, Infinity));
      if (maxBytes === undefined && maxAgeMs === undefined)
        for (const model of gone) expect(ageOf(model)).toBeGreaterThan(unfinishedMs);
    },
  );
  fc.assert(property, { numRuns: 2000 });
});
