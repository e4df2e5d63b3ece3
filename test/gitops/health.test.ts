import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InferenceModelStatus } from '#api/v1alpha1/status.ts';
import type { Observed } from '#knative/objects.ts';
import type { Outcome } from '#status/outcome.ts';
import { applied, nothing, revision, service, statusOf, unschedulable, wanted } from '../status/fixtures.ts';
import { situations } from '../status/situations.ts';
import { manifest } from '../support/models.ts';
import { brief, failed, good, underWay, verdictsOn } from './verdicts.ts';

const generation = 3;
const model = (status?: InferenceModelStatus) => ({
  ...manifest({ container: { image: 'registry.example/iris:1' } }, { namespace: 'default', generation }),
  ...(status && { status }),
});
const briefs = async (objects: readonly object[]) => (await verdictsOn(objects)).map(brief);

describe('Flux and Argo CD say of a model', () => {
  it('what its conditions say, in each situation', async () => {
    const expected = situations.map(([name, , summary]) => {
      if (summary.includes('Stalled')) return [name, failed];
      return [name, summary.includes('Reconciling') ? underWay : good];
    });
    const found = await briefs(situations.map(([, observed]) => model(statusOf(observed))));
    expect(situations.map(([name], index) => [name, found[index]])).toEqual(expected);
  });

  it('that it is under way while the operator has not seen it, or not its newest change', async () => {
    const status = statusOf({
      ...nothing,
      service: service({ [wanted]: 100 }),
      revisions: [revision(wanted, 'True')],
    });
    const unseen = [
      // What the CRD says of a model without a status.
      { observedGeneration: -1 },
      { ...status, observedGeneration: generation - 1 },
    ];
    expect(await briefs(unseen.map(model))).toEqual(unseen.map(() => underWay));
  });

  it('why, in the words of the status', async () => {
    const asleep = { ...nothing, service: service({ [wanted]: 100 }), revisions: [revision(wanted, 'True')] };
    const refused = { type: 'refused', reason: 'NotAllowedByCluster', message: 'at most 600s' } as const;
    const pending = { ...nothing, revisions: [revision(wanted, 'Unknown', 0, 1)], pods: [unschedulable] };
    const statuses = [statusOf(asleep), statusOf(nothing, refused), statusOf(pending)];
    const verdicts = await verdictsOn(statuses.map(model));
    expect(verdicts.map(({ flux }) => flux.message)).toEqual([
      'Resource is Ready',
      'at most 600s',
      'no node takes the pod: 0/1 nodes',
    ]);
    expect(verdicts.map(({ argocd }) => argocd.message)).toEqual([
      'asleep: the next request wakes it',
      'at most 600s',
      'no node takes the pod: 0/1 nodes',
    ]);
  });

  it('that it is good where its newest revision has all requests, that it failed where only the user can help, and else that it is under way', async () => {
    const cases = fc.sample(fc.record({ observed: anyObserved, outcome: anyOutcome }), 1000);
    const found = await briefs(cases.map(({ observed, outcome }) => model(statusOf(observed, outcome))));
    for (const [index, each] of cases.entries())
      expect(found[index], JSON.stringify(each)).toBe(verdictExpected(each.observed, each.outcome));
  });
});

it('a runtime, which is data alone, is as it should be', async () => {
  const runtime = { apiVersion: 'dormouse.dev/v1alpha1', kind: 'InferenceRuntime' };
  expect(await briefs([{ ...runtime, metadata: { name: 'mine', generation: 1 }, spec: {} }])).toEqual([good]);
});

const ready = fc.constantFrom('True', 'False', 'Unknown');
const anyOutcome: fc.Arbitrary<Outcome> = fc.oneof(
  { arbitrary: fc.constant(applied), weight: 4 },
  fc.constant<Outcome>({ type: 'refused', reason: 'RejectedByKnative', message: 'no' }),
  fc.constant<Outcome>({ type: 'failed', message: 'the webhook does not answer', error: undefined }),
);
const anyObserved: fc.Arbitrary<Observed> = fc
  .record({
    traffic: fc.constantFrom({}, { old: 100 }, { [wanted]: 100 }, { old: 40, [wanted]: 60 }),
    routed: ready,
    hasService: fc.boolean(),
    verdicts: fc.record({ old: fc.option(ready), [wanted]: fc.option(ready) }),
    replicas: fc.nat(2),
    pods: fc.constantFrom([], [unschedulable]),
  })
  .map(({ traffic, routed, hasService, verdicts, replicas, pods }) => ({
    service: hasService ? service(traffic, routed) : undefined,
    revisions: Object.entries(verdicts).flatMap(([name, verdict]) =>
      verdict ? [revision(name, verdict, replicas)] : [],
    ),
    pods,
  }));

/** Told from what runs, and not from the conditions that the status makes of it. */
function verdictExpected({ service: found, revisions, pods }: Observed, outcome: Outcome): string {
  if (outcome.type !== 'applied') return outcome.type === 'refused' ? failed : underWay;
  const newest = revisions.find(({ metadata }) => metadata.name === wanted);
  const verdict = newest?.status?.conditions?.[0]?.status;
  // A node may come, and its pod may do better than the one that made Knative's verdict.
  if (verdict === 'False') return pods.length > 0 ? underWay : failed;
  const { traffic = [], conditions = [] } = found?.status ?? {};
  const isRouted = conditions[0]?.status === 'True';
  const serves = traffic.some(({ revisionName, percent }) => revisionName === wanted && percent === 100);
  return verdict === 'True' && isRouted && serves ? good : underWay;
}
