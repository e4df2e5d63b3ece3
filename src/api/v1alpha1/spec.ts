import * as z from 'zod';
import { rule } from '../schema/rules.ts';
import { celDuration, count, duration, objectName } from '../schema/scalars.ts';
import { container } from './container.ts';
import { layout, runtimeVersion } from './layout.ts';
import { model } from './model.ts';
import { pod } from './pod.ts';
import { resources } from './resources.ts';

/** A rule, since the API server compares a whole number with the whole part of a `minimum` alone. */
const load = rule(
  z.number().max(1_000_000),
  'double(self) >= 0.01',
  'must be at least 0.01',
  (value) => value >= 0.01,
);

const metrics = ['concurrency', 'rps', 'cpu', 'memory'] as const;
const target = rule(
  z.strictObject({
    concurrency: load.optional().describe('Requests in flight at once in a pod.'),
    rps: load.optional().describe('Requests a second to a pod.'),
    cpu: z
      .int()
      .min(1)
      .max(100)
      .optional()
      .describe('Percent of the requested CPU. Such a model does not sleep.'),
    memory: z
      .int()
      .min(1)
      .max(1_000_000)
      .optional()
      .describe('Mebibytes that a pod uses. Such a model does not sleep.'),
    utilization: z
      .int()
      .min(1)
      .max(100)
      .optional()
      .describe('Percent of the target at which another pod is wanted.'),
  }),
  `[${metrics.map((name) => `has(self.${name})`).join(', ')}].filter(given, given).size() <= 1`,
  `has more than one of ${metrics.join(', ')}: keep the one to scale by`,
  (value) => metrics.filter((name) => value[name] !== undefined).length <= 1,
);

const percentage = (min: number, max: number) => z.int().min(min).max(max).optional();
const bounds = z.strictObject({
  minReplicas: count.default(0).describe('Fewest pods. 0: the model sleeps when no request comes.'),
  maxReplicas: count.optional().describe('Most pods; 0 sets no bound.'),
  initialReplicas: count
    .optional()
    .describe('Pods that must be ready before a new revision serves. Unset: 1.'),
  activationScale: z
    .int()
    .min(2)
    .max(2147483647)
    .optional()
    .describe('Pods that a model wakes with, at least.'),
  target: target.optional().describe('The load of one pod at which another one is wanted.'),
  containerConcurrency: count
    .optional()
    .describe('Requests that one pod is given at once; more wait in its queue. 0 sets no bound.'),
  window: duration('6s', '1h').optional().describe('Time over which load is averaged.'),
  panicWindowPercentage: percentage(1, 100).describe('Part of window over which a burst is seen.'),
  panicThresholdPercentage: percentage(110, 1000).describe(
    'Load, of what the pods take, that counts as a burst.',
  ),
  scaleDownDelay: duration('0s', '1h').optional().describe('How long less load must last before pods go.'),
  scaleToZeroPodRetentionPeriod: duration('0s', '1h')
    .optional()
    .describe('How long the last pod stays after the load is gone, on top of window.'),
  targetBurstCapacity: z
    .int()
    .min(-1)
    .max(2147483647)
    .optional()
    .describe('Requests above capacity that are held for new pods. -1: hold every request.'),
});

/** All that is unset, but for minReplicas, takes the cluster's own. */
const scale = [
  {
    cel: '!has(self.maxReplicas) || self.maxReplicas == 0 || (has(self.minReplicas) ? self.minReplicas : 0) <= self.maxReplicas',
    message:
      'has minReplicas above maxReplicas: lower minReplicas or raise maxReplicas (maxReplicas 0 sets no bound)',
    isValid: ({ minReplicas, maxReplicas = 0 }: z.output<typeof bounds>) =>
      maxReplicas === 0 || minReplicas <= maxReplicas,
  },
  {
    cel: '!has(self.target) || !(has(self.target.cpu) || has(self.target.memory)) || (has(self.minReplicas) && self.minReplicas > 0)',
    message: 'has a target of cpu or memory, which Knative never scales to 0: write minReplicas 1 or more',
    isValid: ({ minReplicas, target: { cpu, memory } = {} }: z.output<typeof bounds>) =>
      minReplicas > 0 || (cpu === undefined && memory === undefined),
  },
].reduce((schema, { cel, message, isValid }) => rule(schema, cel, message, isValid), bounds);

const limit = () => duration('1s', '24h').optional();
const notAbove = (field: 'responseStart' | 'idle') => ({
  // A text that is no duration is refused by its own rule, and is compared with nothing.
  cel: `!has(self.request) || !has(self.${field}) || !(${celDuration('self.request')}) || !(${celDuration(`self.${field}`)}) || duration(self.${field}) <= duration(self.request)`,
  message: `has ${field} above request: a request ends at request in any case`,
  isValid: (value: {
    request?: number | undefined;
    responseStart?: number | undefined;
    idle?: number | undefined;
  }) => value.request === undefined || (value[field] ?? 0) <= value.request,
});

const everyTimeout = z.strictObject({
  request: limit().describe('Longest time of a whole request. The cluster bounds it, at 10m as shipped.'),
  responseStart: limit().describe('Longest wait for the first byte of the answer.'),
  idle: limit().describe('Longest silence within an answer.'),
  progress: limit().describe('Longest time for a new revision to become ready. Unset: 10m as shipped.'),
});
const timeouts = [notAbove('responseStart'), notAbove('idle')].reduce(
  (schema, { cel, message, isValid }) => rule(schema, cel, message, isValid),
  everyTimeout,
);

const access = z.strictObject({
  visibility: z
    .enum(['ClusterLocal', 'Public'])
    .optional()
    .describe(
      'ClusterLocal (the default): reached from within the cluster only. Public: also through its ingress.',
    ),
});

const { image, command, args, env, envFrom, transport } = container.shape;

/** The runtime to use, and what of it to replace. */
const runtime = rule(
  z.strictObject({
    name: objectName.optional().describe('Name of an InferenceRuntime (kubectl get iruntime).'),
    version: runtimeVersion.optional().describe('The version that it must have.'),
    image: image.optional().describe('Replaces the image of the runtime.'),
    command,
    args,
    env: env.describe('Added to the variables of the runtime, or put in their place.'),
    envFrom,
    layout: layout.optional().describe('Replaces the layout of the runtime.'),
    transport: transport.describe('h2c for gRPC, where the runtime speaks it. Unset: HTTP.'),
  }),
  '!has(self.version) || has(self.name)',
  'has a version without a name: write the name of the runtime, too',
  (value) => value.version === undefined || value.name !== undefined,
);

const everything = z
  .strictObject({
    model: model.optional().describe('A model, served by a runtime that knows its format.'),
    runtime: runtime.optional().describe('The runtime of the model. Unset: chosen by the format.'),
    container: container.optional().describe('A model server of your own, instead of a model.'),
    resources: resources.optional().describe('CPU, memory and devices of the model server.'),
    scale: scale
      .prefault({})
      .describe('How many pods. A change here alone acts on the running revision: no pod restarts.'),
    timeouts: timeouts.optional().describe('Durations such as 90s, 5m or 1h30m.'),
    access: access.optional().describe('Who reaches the model.'),
    profile: objectName
      .optional()
      .describe('Name of an InferenceProfile: hardware and house rules. Unset: the default one, if any.'),
    pod: pod.optional(),
  })
  .describe('What to run. The operator never writes it.');

type Everything = z.output<typeof everything>;

/**
 * A mount of a volume that is not there is found later, since a profile may have it; so is all of a model, whose container is
 * that of a runtime.
 */
const rules: readonly {
  readonly cel: string;
  readonly message: string;
  readonly isValid: (spec: Everything) => boolean;
  readonly path?: readonly string[];
}[] = [
  {
    cel: 'has(self.container) != has(self.model)',
    message: 'needs exactly one of model (a file, served by a runtime) and container (a server of your own)',
    isValid: (spec) => (spec.container === undefined) !== (spec.model === undefined),
  },
  {
    cel: '!has(self.runtime) || has(self.model)',
    message: 'has a runtime without a model: a container of your own takes none',
    isValid: (spec) => spec.runtime === undefined || spec.model !== undefined,
  },
  {
    cel: '!has(self.container) || !has(self.pod) || !has(self.pod.volumes) || self.pod.volumes.all(v, has(self.container.volumeMounts) && self.container.volumeMounts.exists(m, m.name == v.name))',
    message: 'has a volume that no volumeMounts of spec.container name: mount it, or leave it out',
    isValid: ({ container, pod }) =>
      !container ||
      (pod?.volumes ?? []).every(({ name }) => container.volumeMounts?.some((mount) => mount.name === name)),
    path: ['pod', 'volumes'],
  },
];

/** What a user writes of a model, and the operator never changes. */
export const inferenceModelSpec = rules.reduce(
  (schema, { cel, message, isValid, path }) => rule(schema, cel, message, isValid, path),
  everything,
);

/** A spec as it is worked on: times in seconds, defaults filled in. */
export type InferenceModelSpec = z.output<typeof inferenceModelSpec>;
/** A spec as it is written. */
export type InferenceModelSpecInput = z.input<typeof inferenceModelSpec>;
