import { expect, it } from 'vitest';
import type { ProblemsError } from '#base/problems.ts';
import { liveModelOf } from '#cli/cluster/live-model.ts';
import { stateOf } from '#cli/cluster/state.ts';
import { decide } from '#decision/decide.ts';
import { diffModel } from '#plan/model-diff.ts';
import { synthesize } from '#synth/synthesize.ts';
import { environment } from '../../support/environment.ts';
import { manifest, model } from '../../support/models.ts';

const image = (tag: string) => ({ container: { image: `registry.example/iris:${tag}` } });
const here = { name: 'iris', namespace: 'default' };
const stored = (tag: string, uid = 'u1') => manifest(image(tag), { ...here, uid });
const serviceOf = (tag: string, uid = 'u1') => synthesize(model(image(tag), { ...here, uid }), environment());
const strangers = { apiVersion: 'serving.knative.dev/v1', kind: 'Service', metadata: here };

/** What `dormouse diff` says of a model in a file: the revision, or why it is refused. */
function foretold(spec: object, cluster: readonly object[]): string {
  const state = stateOf(cluster as never, 'default');
  const wanted = model(spec, here);
  try {
    const { problems, revision } = diffModel(wanted, environment(), liveModelOf(wanted, state));
    return revision ?? problems.join('; ');
  } catch (error) {
    return (error as ProblemsError).message;
  }
}

/** What the operator decides once the model is applied: the same. */
function decided(spec: object, cluster: readonly object[]): string {
  const state = stateOf(cluster as never, 'default');
  const { uid = 'u1' } = state.models.get('default/iris')?.metadata ?? {};
  const { verdict } = decide({
    model: manifest(spec, { ...here, uid }),
    service: state.services.get('default/iris'),
    revisions: [],
    environment: environment(),
  });
  if (verdict.type === 'accepted') return verdict.revision;
  return verdict.type === 'stale' ? 'stale' : verdict.message;
}

it.each([
  ['a new model', image('1'), []],
  ['a model that is as it was', image('1'), [stored('1'), serviceOf('1')]],
  ['a model that changes', image('2'), [stored('1'), serviceOf('1')]],
  ['a model that the cluster does not run', { ...image('1'), timeouts: { request: '11m' } }, []],
  ['a name that another has', image('1'), [strangers]],
  ['the Service of a deleted model', image('1'), [stored('1', 'u2'), serviceOf('1', 'u1')]],
])('of %s, diff says what the operator will decide', (_, spec, cluster) => {
  const words = foretold(spec, cluster);
  expect(words.replace(/^metadata\.name: /, '')).toBe(decided(spec, cluster));
});
