import { describe, expect, it } from 'vitest';
import type { InferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import { type Capabilities, capabilitiesOf, shipped } from '#knative/capabilities.ts';
import { checkExposure, checkScale, checkTemplate, warningsOf } from '#synth/checks.ts';
import { model } from '../support/models.ts';

const check = (each: InferenceModel, capabilities: Capabilities) => [
  ...checkTemplate(each, capabilities),
  ...checkScale(each, capabilities),
];

it.each([
  [{ timeouts: { request: '11m' } }, {}, {}, 'spec.timeouts.request: this cluster allows at most 600s'],
  [
    { timeouts: { idle: '6m' } },
    {},
    {},
    'spec.timeouts.idle: is above the time that this cluster gives a request, 300s',
  ],
  [
    { scale: { containerConcurrency: 1001 } },
    {},
    {},
    'spec.scale.containerConcurrency: this cluster allows at most 1000',
  ],
  [
    { scale: { containerConcurrency: 0 } },
    { 'allow-container-concurrency-zero': 'false' },
    {},
    'spec.scale.containerConcurrency: this cluster does not allow 0',
  ],
  [{ scale: { initialReplicas: 0 } }, {}, {}, 'spec.scale.initialReplicas: this cluster does not allow 0'],
  [
    { scale: { maxReplicas: 0 } },
    {},
    { 'max-scale-limit': '3' },
    'spec.scale.maxReplicas: this cluster allows 1 to 3',
  ],
])('%j is refused by its cluster: %j %j', (spec, defaults, autoscaler, sentence) => {
  expect(
    check(model(spec), capabilitiesOf({ 'config-defaults': defaults, 'config-autoscaler': autoscaler })),
  ).toEqual([expect.stringContaining(sentence)]);
});

it.each([
  [undefined, 'raise max-scale-limit in ConfigMap knative-serving/config-autoscaler'],
  [
    { namespace: 'knative-serving', name: 'serving' },
    'raise max-scale-limit in spec.config.autoscaler of KnativeServing knative-serving/serving',
  ],
])('the setting to change is told where it is kept: %j', (owner, place) => {
  const capabilities = capabilitiesOf({ 'config-autoscaler': { 'max-scale-limit': '3' } }, owner);
  expect(check(model({ scale: { maxReplicas: 4 } }), capabilities)[0]).toMatch(place);
});

it('nothing is refused of a model that the cluster can run', () => {
  expect(
    check(model({ timeouts: { request: '10m' }, scale: { initialReplicas: 1, maxReplicas: 0 } }), shipped),
  ).toEqual([]);
});

it.each([
  { name: 'that it has already, as a cluster that was changed stops no model', live: '5', want: 0 },
  { name: 'that it would get', live: '3', want: 1 },
  { name: 'that it would get for the first time', live: undefined, want: 1 },
])(
  'a bound of scale that this cluster does not take is refused of a live revision: $name',
  ({ live, want }) => {
    const capabilities = capabilitiesOf({ 'config-autoscaler': { 'max-scale-limit': '4' } });
    const annotations: Record<string, string> =
      live === undefined ? {} : { 'autoscaling.knative.dev/max-scale': live };
    expect(checkScale(model({ scale: { maxReplicas: 5 } }), capabilities, annotations)).toHaveLength(want);
  },
);

describe('a public model', () => {
  const publicly = (scale?: object) => model({ access: { visibility: 'Public' }, ...(scale && { scale }) });
  const rows = [
    { name: 'without a bound of its pods', given: publicly(), want: 1 },
    { name: 'with the bound that is none', given: publicly({ maxReplicas: 0 }), want: 1 },
    { name: 'with a bound', given: publicly({ maxReplicas: 3 }), want: 0 },
    { name: 'that is none', given: model(), want: 0 },
  ];

  it.each(rows)('$name has $want warnings', ({ given, want }) => {
    expect(warningsOf(given)).toHaveLength(want);
  });

  it.each(rows)('$name is refused where the operator does not allow it: $want', ({ given, want }) => {
    expect(checkExposure(given, { unboundedPublicModels: false })).toHaveLength(want);
    expect(checkExposure(given, {})).toEqual([]);
  });
});
