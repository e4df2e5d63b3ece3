import { describe, expect, it } from 'vitest';
import type { FoundModel } from '#cli/cluster/model.ts';
import { findModels, modelTable } from '#cli/get/get.ts';
import { age } from '#cli/terminal/output.ts';
import type { Client } from '#kube/client/client.ts';
import { ApiError } from '#kube/client/errors.ts';
import { found, now } from '../models.ts';

const fresh: FoundModel = {
  metadata: { name: 'new', namespace: 'default', creationTimestamp: '2026-01-01T02:59:58Z' },
  spec: { container: { image: 'registry.example/new:1' } },
};

describe('the table of models', () => {
  it('tells one line a model, also of one that the operator has not seen', () => {
    expect(modelTable([found(), fresh], now, false)).toBe(
      [
        'NAME   STATE    READY   URL                                REPLICAS   RUNTIME                  AGE',
        'iris   Asleep   True    http://iris.default.example.test   0          mlserver-sklearn@1.7.1   3h',
        'new    -        -       -                                  -          registry.example/new:1   2s',
        '',
      ].join('\n'),
    );
  });

  it('of all namespaces begins with the namespace', () => {
    expect(modelTable([fresh], now, true)).toMatch(/^NAMESPACE +NAME .*\ndefault +new /);
  });
});

it.each([
  [0, '0s'],
  [119, '119s'],
  [120, '2m'],
  [7_199, '119m'],
  [7_200, '2h'],
  [172_800, '2d'],
])('%i seconds ago is told as %s', (seconds, words) => {
  expect(age(new Date(now.getTime() - seconds * 1000).toISOString(), now)).toBe(words);
});

describe('finding models', () => {
  const refuses = (details: object): Client =>
    ({
      get: async () => {
        throw new ApiError('GET /x', 404, { message: 'not found', details });
      },
    }) as never;

  it('names each that is not there', async () => {
    await expect(findModels(refuses({ name: 'x' }), ['iris', 'rose'], 'default')).rejects.toThrow(
      'there is no InferenceModel iris in namespace default\nthere is no InferenceModel rose in namespace default',
    );
  });

  it('tells a cluster without Dormouse from one without that model', async () => {
    await expect(findModels(refuses({}), ['iris'], 'default')).rejects.toThrow(
      'this cluster knows no InferenceModel: "dormouse doctor" tells what it lacks',
    );
  });
});
