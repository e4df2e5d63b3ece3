import type { InferenceModelSpec } from '#api/v1alpha1/spec.ts';

const domain = 'autoscaling.knative.dev';

type Scale = InferenceModelSpec['scale'];
type Writers = Readonly<Record<string, (scale: Scale) => string | number | undefined>>;

/** What Knative takes from a live Revision to its autoscaler: a change makes no other revision. */
const live: Writers = {
  'min-scale': (scale) => scale.minReplicas || undefined,
  'max-scale': (scale) => scale.maxReplicas,
  // Always written: where it goes away from a Revision, Knative keeps the old one (serving 0.48,
  // pkg/reconciler/revision/reconcile_resources.go, defaultKPAAnnotations).
  metric: ({ target }) =>
    (['rps', 'cpu', 'memory'] as const).find((name) => target?.[name] !== undefined) ?? 'concurrency',
  target: ({ target }) => target?.rps ?? target?.concurrency ?? target?.cpu ?? target?.memory,
  'target-utilization-percentage': (scale) => scale.target?.utilization,
  window: (scale) => inSeconds(scale.window),
  'panic-window-percentage': (scale) => scale.panicWindowPercentage,
  'panic-threshold-percentage': (scale) => scale.panicThresholdPercentage,
  'activation-scale': (scale) => scale.activationScale,
  'scale-to-zero-pod-retention-period': (scale) => inSeconds(scale.scaleToZeroPodRetentionPeriod),
  'scale-down-delay': (scale) => inSeconds(scale.scaleDownDelay),
  'target-burst-capacity': (scale) => scale.targetBurstCapacity,
};

/** Whether a model is scaled by what its pods use, which Kubernetes' own autoscaler does and never to zero. */
export const isByUsage = ({ target }: Scale): boolean =>
  target?.cpu !== undefined || target?.memory !== undefined;

const inSeconds = (seconds: number | undefined) => (seconds === undefined ? undefined : `${seconds}s`);

/** What counts while a revision is made, and is a part of it. */
const fixed: Writers = {
  // Always written: the other fields speak to this class, whatever that of the cluster is.
  class: (scale) => `${isByUsage(scale) ? 'hpa' : 'kpa'}.${domain}`,
  'initial-scale': (scale) => scale.initialReplicas,
};

/** The annotations of Knative's autoscaler that Dormouse writes on live Revisions. */
export const liveScaleKeys: readonly string[] = Object.keys(live).map((key) => `${domain}/${key}`);

/** The bounds and targets of a model as a live Revision has them; what is unset takes the cluster's own. */
export const liveScaleAnnotations = (spec: InferenceModelSpec): Record<string, string> => written(live, spec);

/** What a new revision is made with, beside {@link liveScaleAnnotations}. */
export const fixedScaleAnnotations = (spec: InferenceModelSpec): Record<string, string> =>
  written(fixed, spec);

function written(writers: Writers, { scale }: InferenceModelSpec): Record<string, string> {
  const entries = Object.entries(writers).flatMap(([key, write]) => {
    const value = write(scale);
    return value === undefined ? [] : [[`${domain}/${key}`, String(value)] as const];
  });
  return Object.fromEntries(entries);
}
