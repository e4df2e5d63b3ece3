import { describe, expect, it } from 'vitest';
import { type FoundModel, findModels } from '#cli/cluster/model.ts';
import { modelTable } from '#cli/get/get.ts';
import { age, plainScreen } from '#cli/terminal/output.ts';
import type { Client } from '#kube/client/client.ts';
import { ApiError } from '#kube/client/errors.ts';
import { found, now } from '../models.ts';

const fresh: FoundModel = {
  metadata: { name: 'new', namespace: 'default', creationTimestamp: '2026-01-01T02:59:58Z' },
  spec: { container: { image: 'registry.example/new:1' } },
};

describe('the table of models', () => {
  it('has a line a model, also of one that the operator has not seen', () => {
    expect(modelTable([found(), fresh], now, {})).toBe(
      [
        'NAME   URL                                STATE    READY   REASON    AGE',
        'iris   http://iris.default.example.test   Asleep   True    Serving   3h',
        'new    -                                  -        -       -         2s',
        '',
      ].join('\n'),
    );
  });

  it('of all namespaces begins with the namespace', () => {
    expect(modelTable([fresh], now, { withNamespace: true })).toMatch(/^NAMESPACE +NAME .*\ndefault +new /);
  });

  it('has more columns where they are asked for', () => {
    const [head, line] = modelTable([found({ restarts: 2 })], now, { wide: true }).split('\n');
    expect(head).toMatch(/AGE +FORMAT +RUNTIME +REPLICAS +RESTARTS +MESSAGE$/);
    expect(line).toMatch(/3h +sklearn +mlserver-sklearn@1.7.1 +0 +2$/);
  });

  it('fits a terminal: the URL gives way, and names stay whole', () => {
    const lines = modelTable([found(), fresh], now, { withNamespace: true }, { ...plainScreen, width: 70 });
    expect(lines.split('\n').map(({ length }) => length <= 70)).not.toContain(false);
    expect(lines).toMatch(/^default +iris +http:\/\/iris\.\S*… +Asleep/m);
  });

  it('shows states in colours', () => {
    const screen = { paint: (style: string, text: string) => `<${style}>${text}</>` };
    expect(modelTable([found({ state: 'Failed' })], now, {}, screen)).toContain('<red>Failed</>');
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
      'this cluster knows no InferenceModel: "dormouse doctor" shows what it lacks',
    );
  });
});
