import type { InferenceModelSpec } from '#api/v1alpha1/spec.ts';

const domain = 'autoscaling.knative.dev';

type Scale = NonNullable<InferenceModelSpec['scale']>;
const writers: Readonly<Record<string, (scale: Scale) => string | number | undefined>> = {
  'min-scale': (scale) => scale.min,
  'max-scale': (scale) => scale.max,
  'initial-scale': (scale) => scale.initial,
  metric: ({ target }) =>
    target?.rps !== undefined ? 'rps' : target?.concurrency !== undefined ? 'concurrency' : undefined,
  target: ({ target }) => target?.rps ?? target?.concurrency,
  'target-utilization-percentage': (scale) => scale.target?.utilization,
  window: (scale) => scale.window,
  'scale-to-zero-pod-retention-period': (scale) => scale.idleAfter,
  'scale-down-delay': (scale) => scale.downDelay,
  'target-burst-capacity': (scale) => scale.burst,
};

/** Every annotation of Knative's autoscaler that Dormouse writes. */
export const scaleAnnotationKeys = Object.keys(writers).map((key) => `${domain}/${key}`);

/** The bounds and targets of a model as annotations for Knative's autoscaler; what is unset takes the cluster's own. */
export function scaleAnnotations(spec: InferenceModelSpec): Record<string, string> {
  const scale = spec.scale ?? {};
  const written = Object.entries(writers).flatMap(([key, write]) => {
    const value = write(scale);
    return value === undefined ? [] : [[`${domain}/${key}`, String(value)] as const];
  });
  return Object.fromEntries(written);
}
