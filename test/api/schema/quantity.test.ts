import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytes, canonical, cores, devices, milliValue, nanoValue } from '#api/schema/quantity.ts';

const suffixes = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'e3', 'E-3'];

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
    ['156.25Ki', '160k'],
    ['2000000', '2M'],
    ['0Gi', '0'],
    ['1e3', '1k'],
    ['1.5E9', '1500M'],
    ['107374182400m', '107374182400m'],
    ['104857600000m', '104857600'],
    ['0.0001', '100u'],
    ['123456789n', '123456789n'],
    ['1500u', '1500u'],
    ['2000000n', '2m'],
    ['0.1n', '1n'],
    ['1024Ti', '1Pi'],
  ] as const)('%s is written as Kubernetes writes it: %s', (value, written) => {
    expect(canonical(value)).toBe(written);
  });

  it.each(['', '-1', '1.', '.5', '1e', '1 Gi', '1gi', '+1', 'e3', '1e1000', '1E', '1Ei'])(
    '"%s" is refused',
    (value) => {
      for (const { schema } of [cores, bytes, devices]) expect(schema.safeParse(value).success).toBe(false);
    },
  );

  it.each([
    ['cores', cores, [0, 2, '0.5', '500m', '1e-1', '0.1234', '100u', '123456789n'], ['1Gi', '1M', 1e9]],
    [
      'bytes',
      bytes,
      [0, 2_000_000, 1e15, '512Mi', '1.5Gi', '2T', '107374182400m', '107374182400000000n', '1e9'],
      ['1Xi', 1e16, '1000P', '1e16'],
    ],
    ['devices', devices, [0, 1, '8', '8000'], ['1k', '500m', '1.0']],
  ])('of %s has units of its own', (_, { schema }, good, bad) => {
    expect(good.filter((value) => !schema.safeParse(value).success)).toEqual([]);
    expect(bad.filter((value) => schema.safeParse(value).success)).toEqual([]);
  });

  it('is written by suffixes that mean the same, below the bound of Kubernetes, and the same when it is read again', () => {
    const written = fc
      .tuple(fc.nat(999), fc.constantFrom('', '.5', '.25', '.001'), fc.constantFrom(...suffixes))
      .map((text) => text.join(''));
    fc.assert(
      fc.property(written, (text) => {
        const plain = canonical(text);
        expect(nanoValue(plain)).toBe(nanoValue(text));
        expect(canonical(plain)).toBe(plain);
        expect(bytes.isValid(text)).toBe(true);
        expect(nanoValue(text)).toBeLessThan(2n ** 63n * 10n ** 9n);
      }),
    );
  });

  it.each([cores, bytes, devices])(
    'of any accepted spelling stays below the bound of Kubernetes',
    ({ isValid }) => {
      const spelled = fc
        .tuple(fc.stringMatching(/^[0-9]{1,18}$/), fc.constantFrom(...suffixes, 'e9', 'E15', 'e99', 'E'))
        .map((text) => text.join(''));
      fc.assert(
        fc.property(spelled, (text) => {
          fc.pre(isValid(text));
          expect(nanoValue(text)).toBeLessThan(2n ** 63n * 10n ** 9n);
        }),
      );
    },
  );

  it('is compared by its amount, not by its spelling', () => {
    expect(milliValue('1Gi')).toBe(milliValue('1024Mi'));
    expect(milliValue('999m')).toBeLessThan(milliValue(1));
  });
});
