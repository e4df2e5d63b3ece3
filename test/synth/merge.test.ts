import { describe, expect, it } from 'vitest';
import { type MergedField, mergeLayers } from '#synth/merge.ts';

const merged = (...values: (object | undefined)[]) =>
  mergeLayers(values.map((value, index) => ({ source: String(index), value })));

describe('descriptions of the same thing', () => {
  it.each([
    { name: 'a later value wins', given: [{ image: 'a' }, { image: 'b' }], want: { image: 'b' } },
    {
      name: 'maps are merged by their keys',
      given: [{ requests: { cpu: 1, memory: '1Gi' } }, { requests: { cpu: 2 } }],
      want: { requests: { cpu: 2, memory: '1Gi' } },
    },
    {
      name: 'variables are merged by their names, in the order of the earlier ones',
      given: [
        { env: [{ name: 'A', value: '1' }, { name: 'B' }] },
        { env: [{ name: 'C' }, { name: 'A', value: '2' }] },
      ],
      want: { env: [{ name: 'A', value: '2' }, { name: 'B' }, { name: 'C' }] },
    },
    {
      name: 'mounts are merged by where they are',
      given: [
        { volumeMounts: [{ name: 'a', mountPath: '/a' }] },
        { volumeMounts: [{ name: 'b', mountPath: '/a' }] },
      ],
      want: { volumeMounts: [{ name: 'b', mountPath: '/a' }] },
    },
    {
      name: 'other lists are one value',
      given: [{ args: ['a', 'b'], tolerations: [{ key: 'gpu' }] }, { args: ['c'] }],
      want: { args: ['c'], tolerations: [{ key: 'gpu' }] },
    },
    {
      name: 'a probe is one value, as it has one way to ask',
      given: [{ readiness: { http: { path: '/' }, periodSeconds: 5 } }, { readiness: { tcp: {} } }],
      want: { readiness: { tcp: {} } },
    },
    {
      name: 'what is empty says nothing',
      given: [
        { args: ['a'], labels: { a: 'b' } },
        { args: [], labels: {} },
      ],
      want: { args: ['a'], labels: { a: 'b' } },
    },
    { name: 'what is not there says nothing', given: [undefined, { port: 0 }, undefined], want: { port: 0 } },
  ])('$name', ({ given, want }) => {
    expect(merged(...given)).toEqual(want);
  });

  it('each value is told with its path and its source', () => {
    const fields: MergedField[] = [];
    mergeLayers<object>(
      [
        {
          source: 'runtime',
          value: { image: 'a', env: [{ name: 'A' }], resources: { limits: { memory: '1Gi' } } },
        },
        { source: 'model', value: { env: [{ name: 'B' }], resources: { limits: { cpu: 1 } } } },
      ],
      (field) => fields.push(field),
    );
    expect(fields.map(({ path, source }) => `${path}: ${source}`)).toEqual([
      'image: runtime',
      'env[A]: runtime',
      'env[B]: model',
      'resources.limits.memory: runtime',
      'resources.limits.cpu: model',
    ]);
  });
});
