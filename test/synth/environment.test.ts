import { describe, expect, it } from 'vitest';
import type { InferenceProfile } from '#api/v1alpha1/profile.ts';
import { type Allowance, checkImages } from '#synth/environment.ts';
import { synthesize } from '#synth/synthesize.ts';
import { environment } from '../support/environment.ts';
import { model } from '../support/models.ts';

const of = (image: string) => ({ container: { image } });
const team: Allowance = { images: ['registry.example/team/*', 'ghcr.io/a/b:1.?'] };

it.each([
  [of('registry.example/team/iris:1'), team],
  [of('anything:1'), {}],
  [{ model: { format: 'onnx', uri: 's3://a/b' } }, team],
  [of('nginx'), { images: ['docker.io/library/*'] }],
  [of('nginx:latest'), { images: ['nginx'] }],
  [of('docker.io/team/x:1'), { images: ['team/*'] }],
  [of('index.docker.io/team/x:1'), { images: ['docker.io/*'] }],
  [of('localhost/x:1'), { images: ['*/x:1'] }],
  [of('nginx:1.27'), { images: ['nginx:*'] }],
  [of('registry.example:5000/x:1'), { images: ['registry.example:5000/*'] }],
])('%j is allowed by %j', (spec, allowed) => {
  expect(checkImages({ scale: { minReplicas: 0 }, ...spec }, allowed)).toEqual([]);
});

it.each([
  [of('registry.example/other/iris:1'), team, 'spec.container.image: registry.example/other/iris:1 is not'],
  [of('evil.example/registry.example/team/x'), team, 'spec.container.image'],
  [of('registryXexample/team/iris:1'), team, 'spec.container.image'],
  [of('ghcr.io/a/b:1.0'), team, 'spec.container.image'],
  [of('team/x:1'), { images: ['docker.io/library/*'] }, 'spec.container.image'],
  [of('team.example/x:1'), { images: ['team*'] }, 'spec.container.image'],
  [of('nginx:1'), { images: ['nginx'] }, 'spec.container.image'],
  [
    { model: { format: 'onnx', uri: 's3://a/b' }, runtime: { image: 'mine:1' } },
    team,
    'spec.runtime.image: mine:1 is not allowed here: write one of registry.example/team/*, ghcr.io/a/b:1.?, or ask',
  ],
  [of('a:1'), { images: [] }, 'write one of none'],
])('%j is not allowed by %j', (spec, allowed, sentence) => {
  expect(checkImages({ scale: { minReplicas: 0 }, ...spec }, allowed)).toEqual([
    expect.stringContaining(sentence),
  ]);
});

describe('a ServiceAccount', () => {
  const profile = (serviceAccountName: string) => ({
    name: 'house',
    spec: { default: true, pod: { serviceAccountName } },
  });
  const make = (pod: object | undefined, profiles: readonly InferenceProfile[], serviceAccounts: string[]) =>
    synthesize(model({ ...of('registry.example/iris:1'), ...(pod && { pod }) }), {
      ...environment(),
      profiles,
      allowance: { serviceAccounts },
    });

  it.each([
    ['that is the default one', undefined, [], ['default']],
    ['of the model', { serviceAccountName: 'ml-1' }, [], ['ml-*']],
    ['of its profile', undefined, [profile('ml-1')], ['ml-*']],
  ])('%s is allowed by a pattern that it matches', (_, pod, profiles, allowed) => {
    expect(() => make(pod, profiles, allowed)).not.toThrow();
  });

  it.each([
    ['that is the default one', undefined, [], 'spec.pod.serviceAccountName: default is not allowed here'],
    ['of the model', { serviceAccountName: 'a' }, [], 'spec.pod.serviceAccountName: a is not allowed here'],
    [
      'of its profile',
      undefined,
      [profile('admin')],
      'InferenceProfile house: spec.pod.serviceAccountName: admin is not allowed here: write one of ml-*, or ask',
    ],
  ])('%s is refused where none matches', (_, pod, profiles, sentence) => {
    expect(() => make(pod, profiles, ['ml-*'])).toThrow(sentence);
  });
});
