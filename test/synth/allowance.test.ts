import { expect, it } from 'vitest';
import { type Allowance, disallowed } from '#synth/allowance.ts';

const of = (image: string) => ({ container: { image } });
const team: Allowance = { images: ['registry.example/team/*', 'ghcr.io/a/b:1.?'] };

it.each([
  [of('registry.example/team/iris:1'), team],
  [of('anything:1'), {}],
  [{ model: { format: 'onnx', uri: 's3://a/b' } }, team],
  [of('a:1'), { serviceAccounts: ['default'] }],
  [{ ...of('a:1'), serviceAccountName: 'ml-1' }, { serviceAccounts: ['ml-*'] }],
])('%j is allowed by %j', (spec, allowed) => {
  expect(disallowed(spec, allowed)).toEqual([]);
});

it.each([
  [of('registry.example/other/iris:1'), team, 'spec.container.image: registry.example/other/iris:1 is not'],
  [of('evil.example/registry.example/team/x'), team, 'spec.container.image'],
  [of('registryXexample/team/iris:1'), team, 'spec.container.image'],
  [of('ghcr.io/a/b:1.0'), team, 'spec.container.image'],
  [
    { model: { format: 'onnx', uri: 's3://a/b' }, runtime: { image: 'mine:1' } },
    team,
    'spec.runtime.image: mine:1 is not allowed here: write one of registry.example/team/*, ghcr.io/a/b:1.?, or ask',
  ],
  [of('a:1'), { serviceAccounts: ['ml'] }, 'spec.serviceAccountName: default is not allowed here'],
  [of('a:1'), { images: [] }, 'write one of none'],
])('%j is not allowed by %j', (spec, allowed, sentence) => {
  expect(disallowed(spec, allowed)).toEqual([expect.stringContaining(sentence)]);
});
