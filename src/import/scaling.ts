import * as z from 'zod';
import { count, durationText } from '#api/schema/scalars.ts';
import type { InferenceModelSpecInput } from '#api/v1alpha1/spec.ts';
import { compact } from './compact.ts';
import { Source } from './source.ts';

type Scale = NonNullable<InferenceModelSpecInput['scale']>;
type Timeouts = NonNullable<InferenceModelSpecInput['timeouts']>;

const autoscaling = (...names: readonly string[]) => names.map((name) => `autoscaling.knative.dev/${name}`);

/** A number in the text of an annotation. */
const numeral = (schema: z.ZodNumber) =>
  z
    .string()
    .regex(/^-?\d+(\.\d+)?$/, 'must be a number')
    .transform(Number)
    .pipe(schema);
const load = z.number().min(0.01).max(1_000_000);
const averaged = durationText('6s', '1h');
const delay = durationText('0s', '1h');

/** Of an annotation in several spellings and places: the one that holds. The others have no effect. */
type Annotation = (keys: readonly string[]) => Source;

/** Annotations of a component, which go before those of its object. */
export const annotationsOf =
  (...maps: readonly [Source, ...Source[]]): Annotation =>
  (keys) => {
    const [first] = maps;
    const all = maps.flatMap((map) => keys.map((key) => map.at(key)));
    const [held, ...rest] = all.filter(({ exists }) => exists);
    for (const source of rest) source.settle('ignored');
    return held ?? first.at(keys[0] ?? '');
  };

const progressDeadline = 'serving.knative.dev/progress-deadline';
const isForKnative = (key: string) => key.startsWith('autoscaling.knative.dev/') || key === progressDeadline;

/**
 * Of a runtime's annotations those for Knative, which KServe gives to each model that uses it
 * (pkg/controller/v1beta1/inferenceservice/components/predictor.go).
 */
export function readAnnotations(from: Source): Readonly<Record<string, string>> {
  const [none, annotation] = [new Source({}), annotationsOf(from)];
  readScale(none, annotation);
  readTimeouts(none, annotation);
  for (const [key, source] of from.entries())
    if (isForKnative(key) && source.settled && source.remarks().length === 0) source.note('each-model');
  return Object.fromEntries(Object.entries(from.texts()).filter(([key]) => isForKnative(key)));
}

/** How many pods a predictor has, by its own fields and by annotations of Knative's autoscaler. */
export function readScale(predictor: Source, annotation: Annotation): Scale {
  const least = predictor.at('minReplicas');
  if (!least.exists) least.note('default', '1');
  const most = predictor.at('maxReplicas');
  most.takeIf(0);
  for (const key of autoscaling('min-scale', 'minScale', 'max-scale', 'maxScale'))
    annotation([key]).settle('ignored');
  const target = readTarget(predictor, annotation);
  const sleeps = target?.cpu === undefined && target?.memory === undefined;
  const kind = annotation(autoscaling('class'));
  // Knative's HPA class follows from a target of CPU or memory.
  if (!kind.takeIf(sleeps ? 'kpa.autoscaling.knative.dev' : 'hpa.autoscaling.knative.dev'))
    kind.settle('autoscaler');
  if (!predictor.at('scaleMetricType').takeIf(sleeps ? '' : 'Utilization'))
    predictor.at('scaleMetricType').settle('autoscaler');
  predictor.at('autoScaling').settle('autoscaler');
  const minReplicas = least.exists ? least.read(count) : 1;
  if (!sleeps && minReplicas === 0) least.note('sleepless');
  const whole = (min: number, max: number) => numeral(z.int().min(min).max(max));
  return compact({
    minReplicas: sleeps ? minReplicas : Math.max(minReplicas ?? 1, 1),
    maxReplicas: most.settled ? undefined : most.read(count),
    initialReplicas: annotation(autoscaling('initial-scale', 'initialScale')).read(numeral(count)),
    activationScale: annotation(autoscaling('activation-scale', 'activationScale')).read(
      whole(2, 2_147_483_647),
    ),
    target,
    panicWindowPercentage: annotation(autoscaling('panic-window-percentage', 'panicWindowPercentage')).read(
      whole(1, 100),
    ),
    panicThresholdPercentage: annotation(
      autoscaling('panic-threshold-percentage', 'panicThresholdPercentage'),
    ).read(whole(110, 1000)),
    // v1alpha2 calls it parallelism.
    containerConcurrency:
      predictor.at('containerConcurrency').read(count) ?? predictor.at('parallelism').read(count),
    window: annotation(autoscaling('window')).read(averaged),
    scaleToZeroPodRetentionPeriod: annotation(
      autoscaling('scale-to-zero-pod-retention-period', 'scaleToZeroPodRetentionPeriod'),
    ).read(delay),
    scaleDownDelay: annotation(autoscaling('scale-down-delay', 'scaleDownDelay')).read(delay),
    targetBurstCapacity: annotation(autoscaling('target-burst-capacity', 'targetBurstCapacity')).read(
      numeral(z.int().min(-1)),
    ),
  });
}

function readTarget(predictor: Source, annotation: Annotation): Scale['target'] {
  const [target, annotatedTarget] = [predictor.at('scaleTarget'), annotation(autoscaling('target'))];
  const [metric, annotatedMetric] = [predictor.at('scaleMetric'), annotation(autoscaling('metric'))];
  if (target.exists) annotatedTarget.settle('ignored');
  if (metric.exists) annotatedMetric.settle('ignored');
  const utilization = annotation(
    autoscaling('target-utilization-percentage', 'targetUtilizationPercentage'),
  ).read(numeral(z.int().min(1).max(100)));
  const by = metric.exists ? metric : annotatedMetric;
  const resource = (['cpu', 'memory'] as const).find((name) => by.takeIf(name));
  if (resource) {
    const bound = z
      .int()
      .min(1)
      .max(resource === 'cpu' ? 100 : 1_000_000);
    const value = target.exists ? target.read(bound) : annotatedTarget.read(numeral(bound));
    // KServe leaves it to Knative, whose default is 100 of both (pkg/autoscaler/config).
    return compact({ [resource]: value ?? 100, utilization });
  }
  if (by.exists && !by.takeIf('concurrency', 'rps')) {
    by.settle('autoscaler');
    for (const source of [target, annotatedTarget]) source.settle('autoscaler');
    return compact({ utilization });
  }
  const value = target.exists ? target.read(load) : annotatedTarget.read(numeral(load));
  // Without a target there is no field for what to scale by; Knative's own target of concurrency is meant.
  if (value === undefined && by.is('rps')) by.note('no-field', 'without scaleTarget');
  return compact({ [by.is('rps') ? 'rps' : 'concurrency']: value, utilization });
}

const wholeRequest = z.int().min(1).max(86_400);

/** How long things may take: KServe gives a request and the start of its answer the same time. */
export function readTimeouts(predictor: Source, annotation: Annotation): Timeouts {
  const seconds = predictor.at('timeout').read(wholeRequest);
  const request = seconds === undefined ? undefined : `${seconds}s`;
  const progress = annotation([progressDeadline]).read(durationText('1s', '24h'));
  return compact({ request, responseStart: request, progress });
}
