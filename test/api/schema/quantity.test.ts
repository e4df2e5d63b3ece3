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
    ['1e3', '1k'],
    ['1.5E9', '1500M'],
    ['107374182400m', '107374182400m'],
    ['104857600000m', '104857600'],
    ['0.0001', '1m'],
  ] as const)('%s is written as Kubernetes writes it: %s', (value, written) => {
    expect(canonical(value)).toBe(written);
  });

  it.each(['', '-1', '1.', '.5', '1e', '1 Gi', '1gi', '1n', 'e3', '1e1000'])('"%s" is refused', (value) => {
    for (const { schema } of [cores, bytes, devices]) expect(schema.safeParse(value).success).toBe(false);
  });

  it.each([
    ['cores', cores, [0, 2, '0.5', '500m', '1e-1', '0.1234'], ['1Gi', '1M', 1e9]],
    ['bytes', bytes, [0, 2_000_000, '512Mi', '1.5Gi', '2T', '107374182400m', '1e9'], ['1n', '1Xi', 1e15]],
    ['devices', devices, [0, 1, '8', '8000'], ['1k', '500m', '1.0']],
  ])('of %s has units of its own', (_, { schema }, good, bad) => {
    expect(good.filter((value) => !schema.safeParse(value).success)).toEqual([]);
    expect(bad.filter((value) => schema.safeParse(value).success)).toEqual([]);
  });

  it('is compared by its amount, not by its spelling', () => {
    expect(thousandths('1Gi')).toBe(thousandths('1024Mi'));
    expect(thousandths('999m')).toBeLessThan(thousandths(1));
  });
});
