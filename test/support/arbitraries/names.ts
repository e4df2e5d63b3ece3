import fc from 'fast-check';
import { mostly } from './mostly.ts';

/** The good ones among the names of objects: a ServiceAccount of that name must exist where pods are checked. */
export const objectNames = ['a', 'my-secret', 'a.b-c.d', 'x'.repeat(253)];
export const objectName = mostly(
  fc.constantFrom(...objectNames),
  fc.constantFrom('', 'A', 'a_b', '-a', 'a-', 'a..b', 'x'.repeat(254)),
);
