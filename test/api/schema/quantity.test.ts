import { describe, expect, it } from 'vitest';
import { bytes, canonical, cores, devices, thousandths } from '#api/schema/quantity.ts';

describe('a quantity', () => {
  it.each([
    [1, '1'],
    [1000, '1k'],
    ['0.5', '500m'],
    ['1000m', '1'],
    ['1500m', '1500m'],
    ['1024Mi', '1Gi'],
    ['1.5Gi', '1536Mi'],
    ['0.1Gi', '107374182400m'],
    ['0.5Ki', '512'],
    ['1000Ki', '1000Ki'],
    ['2000000', '2M'],
    ['0Gi', '0'],
  ] as const)('%s is written as Kubernetes writes it: %s', (value, written) => {
    expect(canonical(value)).toBe(written);
  });

  it.each(['', '-1', '1.', '.5', '1e3', '1 Gi', '1gi', '0.5m', '1.2345'])('"%s" is refused', (value) => {
    for (const { schema } of [cores, bytes, devices]) expect(schema.safeParse(value).success).toBe(false);
  });

  it.each([
    ['cores', cores, [0, 2, '0.5', '500m'], ['2k', '1Gi', 1_000_000]],
    ['bytes', bytes, [0, 2_000_000, '512Mi', '1.5Gi', '2T'], ['512m', '0.5', 1e15]],
    ['devices', devices, [0, 1, '8'], ['1k', '500m', '1.0']],
  ])('of %s has units of its own', (_, { schema }, good, bad) => {
    expect(good.filter((value) => !schema.safeParse(value).success)).toEqual([]);
    expect(bad.filter((value) => schema.safeParse(value).success)).toEqual([]);
  });

  it('is compared by its amount, not by its spelling', () => {
    expect(thousandths('1Gi')).toBe(thousandths('1024Mi'));
    expect(thousandths('999m')).toBeLessThan(thousandths(1));
  });
});
