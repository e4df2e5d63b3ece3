import { expect, it } from 'vitest';
import { catalogue } from '#catalogue/catalogue.ts';
import { testedRuntimes } from '../support/tested.ts';

it('the catalogue calls tested what is run end to end, and nothing else', () => {
  const tested = catalogue().filter(({ spec }) => spec.maturity === 'Tested');
  expect(tested.map(({ name }) => name)).toEqual(testedRuntimes);
});

it('every runtime says how it is started and when it is ready', () => {
  for (const { name, spec } of catalogue()) {
    expect(spec.container.command, name).toBeDefined();
    expect(spec.container.protocol ?? spec.container.readiness, name).toBeDefined();
  }
});
