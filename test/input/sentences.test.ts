import { describe, expect, it } from 'vitest';
import { faultsOf, normalised } from './sentences.ts';

describe('a sentence for a person', () => {
  it.each([
    'spec.container.port: Invalid value: 9090: is kept for Knative in the same pod: choose another port',
    'ConfigMap "config-features" does not allow it',
    `spec.model.uri: Invalid value: "${'x'.repeat(5000)}": must be a URI such as s3://bucket/iris`,
    'the object provided is unrecognized (must be of type InferenceModel): [object Object]',
  ])('will do: %s', (sentence) => {
    expect(faultsOf(sentence)).toEqual([]);
  });

  it.each([
    ['', ['says nothing', 'names neither a field nor an object']],
    ['something is wrong', ['names neither a field nor an object']],
    ['spec.a: [object Object] is bad', ['shows a value that was not written for people']],
    ['spec.a: undefined is bad', ['shows a value that was not written for people']],
    ['spec.a: bad\n    at parse (a.ts:1:2)', ['shows a stack']],
    ["spec.a in body should match '^([0-9]{1,6})$'", ['shows a regular expression']],
    ["spec.a: must be '[a-z]+' in all", ['shows a regular expression']],
    [`spec.a: ${'bad '.repeat(300)}`, ['is too long']],
  ])('will not do: %s', (sentence, faults) => {
    expect(faultsOf(sentence)).toEqual(faults);
  });
});

it('sentences that differ in names and numbers alone are counted as one', () => {
  const [one, other] = [
    'spec.container.env[1].name: Invalid value: "a b": is 12 too long',
    'spec.container.env[20].name: Invalid value: "\\"c": is 3 too long',
  ].map(normalised);
  expect(one).toBe(other);
});
