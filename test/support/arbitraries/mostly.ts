import fc from 'fast-check';

/** Mostly what a user would write; now and then what they would write by mistake. */
export const mostly = <T>(good: fc.Arbitrary<T>, ...bad: fc.Arbitrary<unknown>[]) =>
  fc.oneof(
    { weight: 80, arbitrary: good },
    ...bad.map((arbitrary) => ({ weight: 1, arbitrary: arbitrary as fc.Arbitrary<T> })),
  );

/** A value of a type that no field wants. */
export const wrongType = fc.constantFrom<unknown[]>(true, 'x', 1.5, [], {}, null, -1, '');
/** Any of these fields, or none. */
export const someOf = <T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(fields, { requiredKeys: [] });
