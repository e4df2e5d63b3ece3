import { expect, it } from 'vitest';
import type { InferenceModelSpecInput } from '#api/v1alpha1/spec.ts';
import type { Settings } from '#knative/capabilities.ts';
import type { LiveModel } from '#plan/live-model.ts';
import { upgradeCode, upgradeOf } from '#plan/upgrade.ts';
import { upgradeText } from '#plan/upgrade-text.ts';
import { synthesize } from '#synth/synthesize.ts';
import { environment } from '../support/environment.ts';
import { model } from '../support/models.ts';

type Spec = Partial<InferenceModelSpecInput>;
const older: Settings = { 'config-defaults': { 'revision-timeout-seconds': '77' } };
const annotated = (spec: Spec, refresh?: string) =>
  model(spec, refresh === undefined ? {} : { annotations: { 'dormouse.dev/refresh': refresh } });

/** What runs of a model that was applied to a cluster with these settings, with one pod. */
function current(of: ReturnType<typeof model>, settings: Settings = {}): LiveModel {
  const { metadata, spec } = synthesize(of, environment(settings));
  const { template, traffic } = spec;
  const { name, annotations } = template.metadata;
  return {
    uid: 'u1',
    template,
    labels: metadata.labels,
    traffic,
    revisions: [{ name, pods: 1, annotations, spec: template.spec }],
  };
}

const upgrade = (of: ReturnType<typeof model>, live: LiveModel, settings: Settings = {}) =>
  upgradeOf(of, environment(settings), live);

it('a model that would be made the same today has nothing to adopt', () => {
  const found = upgrade(model(), current(model()));
  expect(found.state).toBe('current');
  expect(upgradeCode([found])).toBe(0);
});

it('a model that is held as an older version made it is behind, and told what would change', () => {
  const live = current(annotated({}, '1'), older);
  const found = upgrade(annotated({}, '1'), live);
  expect(upgradeCode([found])).toBe(1);
  expect(upgradeText([found], (_, text) => text)).toBe(
    `~ default/iris: ${live.template?.metadata?.name} is held; to adopt would be another revision
    spec.timeoutSeconds: 77 -> 300
    at least 1 pod starts, then 1 pod ends
    requests 25m CPU more while both run; 25m CPU now
models: 1 behind
`,
  );
});

it('bounds of scale are nothing to adopt: they reach what runs', () => {
  const live = current(model({ scale: { maxReplicas: 2 } }));
  expect(upgrade(model({ scale: { maxReplicas: 9 } }), live).state).toBe('current');
});

it('a model that the user has changed is replaced anyway', () => {
  const live = current(model(), older);
  const changed = model({ container: { image: 'registry.example/iris:2' } });
  const found = [upgrade(changed, live), upgrade(changed, { revisions: [] })];
  expect(upgradeCode(found)).toBe(0);
  expect(
    upgradeText(found, (_, text) => text),
  ).toBe(`= default/iris: ${live.template?.metadata?.name} is being replaced anyway
= default/iris: nothing of it runs
models: 2 pending
`);
});

it('a model that the cluster would no longer take goes on as it is', () => {
  const long: Spec = { timeouts: { request: '590s' } };
  const stricter: Settings = { 'config-defaults': { 'max-revision-timeout-seconds': '400' } };
  const live = current(model(long));
  const found = upgrade(model(long), live, stricter);
  expect(upgradeCode([found])).toBe(2);
  expect(upgradeText([found], (_, text) => text)).toContain(
    `! default/iris: cannot be adopted here; ${live.template?.metadata?.name} goes on\n    spec.timeouts.request: `,
  );
});
