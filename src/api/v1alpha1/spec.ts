import * as z from 'zod';
import { keyedBy, rule } from '../schema/rules.ts';
import { celDuration, count, duration, formed, objectName, seconds } from '../schema/scalars.ts';
import { container } from './container.ts';
import { layout } from './layout.ts';
import { model } from './model.ts';
import { resources } from './resources.ts';

/** A rule, since the API server compares a whole number with the whole part of a `minimum` alone. */
const load = rule(
  z.number().max(1_000_000),
  'double(self) >= 0.01',
  'must be at least 0.01',
  (value) => value >= 0.01,
);

const target = rule(
  z.strictObject({
    concurrency: load.optional().describe('Requests in flight at once in a pod.'),
    rps: load.optional().describe('Requests a second to a pod.'),
    utilization: z
      .int()
      .min(1)
      .max(100)
      .optional()
      .describe('Percent of the target at which another pod is wanted.'),
  }),
  '!(has(self.concurrency) && has(self.rps))',
  'has both concurrency and rps: keep the one to scale by',
  (value) => value.concurrency === undefined || value.rps === undefined,
);

const scale = rule(
  z.strictObject({
    min: count.optional().describe('Fewest pods. Unset: 0, the model sleeps when nobody asks.'),
    max: count.optional().describe('Most pods; 0 sets no bound.'),
    initial: count.optional().describe('Pods that must be ready before a new revision serves. Unset: 1.'),
    target: target.optional().describe('The load of one pod at which another one is wanted.'),
    containerConcurrency: count
      .optional()
      .describe('Requests that one pod is given at once; more wait in its queue. 0 sets no bound.'),
    window: duration('6s', '1h').optional().describe('Time over which load is averaged.'),
    idleAfter: duration('0s', '1h')
      .optional()
      .describe('How long the last pod stays after the load is gone, on top of window.'),
    downDelay: duration('0s', '1h').optional().describe('How long less load must last before pods go.'),
    burst: z
      .int()
      .min(-1)
      .max(2147483647)
      .optional()
      .describe('Requests above capacity that are held for new pods. -1: hold every request.'),
  }),
  '!has(self.min) || !has(self.max) || self.max == 0 || self.min <= self.max',
  'has min above max: lower min or raise max (max 0 sets no bound)',
  ({ min = 0, max = 0 }) => max === 0 || min <= max,
);

const limit = () => duration('1s', '24h').optional();
const notAbove = (field: 'responseStart' | 'idle') => ({
  // A text that is no duration is refused by its own rule, and is compared with nothing.
  cel: `!has(self.request) || !has(self.${field}) || !(${celDuration('self.request')}) || !(${celDuration(`self.${field}`)}) || duration(self.${field}) <= duration(self.request)`,
  message: `has ${field} above request: a request ends at request in any case`,
  holds: (value: {
    request?: string | undefined;
    responseStart?: string | undefined;
    idle?: string | undefined;
  }) => value.request === undefined || seconds(value[field] ?? '0s') <= seconds(value.request),
});

const everyTimeout = z.strictObject({
  request: limit().describe('Longest time of a whole request. The cluster bounds it, at 10m as shipped.'),
  responseStart: limit().describe('Longest wait for the first byte of the answer.'),
  idle: limit().describe('Longest silence within an answer.'),
  progress: limit().describe('Longest time for a new revision to become ready. Unset: 10m as shipped.'),
});
const timeouts = [notAbove('responseStart'), notAbove('idle')].reduce(
  (schema, { cel, message, holds }) => rule(schema, cel, message, holds),
  everyTimeout,
);

const access = z.strictObject({
  visibility: z
    .enum(['cluster', 'public'])
    .optional()
    .describe(
      'cluster (the default): reached from within the cluster only. public: also through its ingress.',
    ),
});

const { image, command, args, env, transport } = container.shape;

/** The runtime to use, and what of it to replace. */
const runtime = z.strictObject({
  name: formed(
    /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(@[a-zA-Z0-9][-._a-zA-Z0-9]{0,62})?$/,
    127,
    'the name of an InferenceRuntime, such as mlserver, or one version of it, such as mlserver@1.7.1',
  )
    .optional()
    .describe('Name of an InferenceRuntime, or name@version.'),
  image: image.optional().describe('Replaces the image of the runtime.'),
  command,
  args,
  env: env.describe('Added to the variables of the runtime, or put in their place.'),
  layout: layout.optional().describe('Replaces the layout of the runtime.'),
  transport: transport.describe('h2c for gRPC, where the runtime speaks it. Unset: HTTP.'),
});

const everything = z
  .strictObject({
    model: model.optional().describe('A model, served by a runtime that knows its format.'),
    runtime: runtime.optional().describe('The runtime of the model. Unset: chosen by the format.'),
    container: container.optional().describe('A model server of your own, instead of a model.'),
    resources: resources.optional().describe('CPU, memory and devices of the model server.'),
    scale: scale
      .optional()
      .describe('How many pods. A change here alone acts on the running revision: no pod restarts.'),
    timeouts: timeouts.optional().describe('Durations such as 90s, 5m or 1h30m.'),
    access: access.optional().describe('Who reaches the model.'),
    serviceAccountName: objectName.optional().describe('The ServiceAccount of the pods. Unset: default.'),
    imagePullSecrets: keyedBy(
      z.array(z.strictObject({ name: objectName.describe('Name of the Secret.') })).max(16),
      'name',
    )
      .optional()
      .describe('Secrets with which the image is pulled.'),
  })
  .describe('What to run. The operator never writes it.');

/** What a user writes of a model, and the operator never changes. */
export const inferenceModelSpec = rule(
  rule(
    everything,
    'has(self.container) != has(self.model)',
    'needs exactly one of model (a file, served by a runtime) and container (a server of your own)',
    (spec) => (spec.container === undefined) !== (spec.model === undefined),
  ),
  '!has(self.runtime) || has(self.model)',
  'has a runtime without a model: a container of your own takes none',
  (spec) => spec.runtime === undefined || spec.model !== undefined,
);

export type InferenceModelSpec = z.infer<typeof inferenceModelSpec>;
