import { seconds } from '#api/schema/scalars.ts';
import type { InferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import type { Capabilities } from '#knative/capabilities.ts';
import { placeOf } from '#knative/setting.ts';

type Check = (spec: InferenceModel['spec'], capabilities: Capabilities) => string | false | undefined;

const checks: readonly Check[] = [
  ({ timeouts }, { defaults: { 'max-revision-timeout-seconds': most }, settingsOwner }) =>
    timeouts?.request &&
    seconds(timeouts.request) > most &&
    `spec.timeouts.request: this cluster allows at most ${most}s: write that, or raise ${placeOf('config-defaults', 'max-revision-timeout-seconds', settingsOwner)}`,
  ({ timeouts }, { defaults }) => notAboveRequest('responseStart', timeouts, defaults),
  ({ timeouts }, { defaults }) => notAboveRequest('idle', timeouts, defaults),
  ({ scale }, { defaults: { 'container-concurrency-max-limit': most }, settingsOwner }) =>
    (scale?.containerConcurrency ?? 0) > most &&
    `spec.scale.containerConcurrency: this cluster allows at most ${most}: write that, or raise ${placeOf('config-defaults', 'container-concurrency-max-limit', settingsOwner)}`,
  ({ scale }, { defaults }) =>
    scale?.containerConcurrency === 0 &&
    !defaults['allow-container-concurrency-zero'] &&
    'spec.scale.containerConcurrency: this cluster does not allow 0 (no bound): write a number, or leave it out',
  ({ scale }, { autoscaler, settingsOwner }) =>
    scale?.initial === 0 &&
    !autoscaler['allow-zero-initial-scale'] &&
    `spec.scale.initial: this cluster does not allow 0: write 1, or set ${placeOf('config-autoscaler', 'allow-zero-initial-scale', settingsOwner)} to "true"`,
  ({ scale }, { autoscaler: { 'max-scale-limit': most }, settingsOwner }) =>
    most > 0 &&
    scale?.max !== undefined &&
    (scale.max === 0 || scale.max > most) &&
    `spec.scale.max: this cluster allows 1 to ${most}: write that, or raise ${placeOf('config-autoscaler', 'max-scale-limit', settingsOwner)}`,
];

function notAboveRequest(
  field: 'responseStart' | 'idle',
  timeouts: InferenceModel['spec']['timeouts'],
  defaults: Capabilities['defaults'],
) {
  const request = defaults['revision-timeout-seconds'];
  return (
    timeouts?.[field] &&
    !timeouts.request &&
    seconds(timeouts[field]) > request &&
    `spec.timeouts.${field}: is above the time that this cluster gives a request, ${request}s: lower it, or write spec.timeouts.request too`
  );
}

/** One sentence for each part of a model that this cluster would not run; none for a model that it can run. */
export function refusals({ spec }: InferenceModel, capabilities: Capabilities): string[] {
  return checks.map((check) => check(spec, capabilities)).filter((sentence) => typeof sentence === 'string');
}
