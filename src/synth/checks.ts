import type { InferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import type { Capabilities } from '#knative/capabilities.ts';
import { placeOf } from '#knative/setting.ts';
import type { Allowance } from './environment.ts';
import { liveScaleAnnotations } from './scaling.ts';

type Spec = InferenceModel['spec'];
type Check = (spec: Spec, capabilities: Capabilities) => string | false | undefined;

const templateChecks: readonly Check[] = [
  ({ timeouts }, { defaults: { 'max-revision-timeout-seconds': max }, settingsOwner }) =>
    (timeouts?.request ?? 0) > max &&
    `spec.timeouts.request: this cluster allows at most ${max}s: write that, or raise ${placeOf('config-defaults', 'max-revision-timeout-seconds', settingsOwner)}`,
  ({ timeouts }, { defaults }) => notAboveRequest('responseStart', timeouts, defaults),
  ({ timeouts }, { defaults }) => notAboveRequest('idle', timeouts, defaults),
  ({ scale }, { defaults: { 'container-concurrency-max-limit': max }, settingsOwner }) =>
    (scale.containerConcurrency ?? 0) > max &&
    `spec.scale.containerConcurrency: this cluster allows at most ${max}: write that, or raise ${placeOf('config-defaults', 'container-concurrency-max-limit', settingsOwner)}`,
  ({ scale }, { defaults }) =>
    scale.containerConcurrency === 0 &&
    !defaults['allow-container-concurrency-zero'] &&
    'spec.scale.containerConcurrency: this cluster does not allow 0 (no bound): write a number, or leave it out',
  ({ scale }, { autoscaler, settingsOwner }) =>
    scale.initialReplicas === 0 &&
    !autoscaler['allow-zero-initial-scale'] &&
    `spec.scale.initialReplicas: this cluster does not allow 0: write 1, or set ${placeOf('config-autoscaler', 'allow-zero-initial-scale', settingsOwner)} to "true"`,
];

function notAboveRequest(
  field: 'responseStart' | 'idle',
  timeouts: Spec['timeouts'],
  defaults: Capabilities['defaults'],
) {
  const request = defaults['revision-timeout-seconds'];
  return (
    timeouts?.request === undefined &&
    (timeouts?.[field] ?? 0) > request &&
    `spec.timeouts.${field}: is above the time that this cluster gives a request, ${request}s: lower it, or write spec.timeouts.request too`
  );
}

const unbounded =
  'spec.scale.maxReplicas: this model is public, and requests from anywhere make pods without a bound: write one';
const isUnbounded = ({ access, scale }: Spec): boolean =>
  access?.visibility === 'Public' && !scale.maxReplicas;

/** What a cluster runs, and whoever pays for it may regret. */
export const warningsOf = ({ spec }: InferenceModel): string[] => (isUnbounded(spec) ? [unbounded] : []);

/** A sentence where a model may have pods without a bound, and the settings of the operator do not allow that. */
export const checkExposure = (
  { spec }: InferenceModel,
  { unboundedPublicModels = true }: Allowance,
): string[] => (!unboundedPublicModels && isUnbounded(spec) ? [unbounded] : []);

/** Checks of what is written onto live Revisions, each with the annotation that it speaks of. */
const scaleChecks: readonly { readonly key: string; readonly check: Check }[] = [
  {
    key: 'autoscaling.knative.dev/max-scale',
    check: ({ scale }, { autoscaler: { 'max-scale-limit': max }, settingsOwner }) =>
      max > 0 &&
      scale.maxReplicas !== undefined &&
      (scale.maxReplicas === 0 || scale.maxReplicas > max) &&
      `spec.scale.maxReplicas: this cluster allows 1 to ${max}: write that, or raise ${placeOf('config-autoscaler', 'max-scale-limit', settingsOwner)}`,
  },
];

const isSentence = (problem: string | false | undefined): problem is string => typeof problem === 'string';

/** One sentence for each part of a model with which this cluster would make no revision. */
export const checkTemplate = ({ spec }: InferenceModel, capabilities: Capabilities): string[] =>
  templateChecks.map((check) => check(spec, capabilities)).filter(isSentence);

/**
 * One sentence for each bound of scale that this cluster would not take, on a new revision or a live one. What a live
 * Revision has already is not asked about again: a changed setting of the cluster stops no model that runs.
 * @param live the annotations of the Revision that runs
 */
export function checkScale(
  { spec }: InferenceModel,
  capabilities: Capabilities,
  live: Readonly<Record<string, string>> = {},
): string[] {
  const wanted = liveScaleAnnotations(spec);
  return scaleChecks
    .filter(({ key }) => wanted[key] !== live[key])
    .map(({ check }) => check(spec, capabilities))
    .filter(isSentence);
}
