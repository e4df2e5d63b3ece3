import * as z from 'zod';
import { imageRepository } from '#base/image.ts';
import { settings } from '#config/load.ts';
import { configSchema } from '#config/schema.ts';
import { spread } from './spread.ts';

const group = <T extends z.core.$ZodLooseShape>(shape: T) => z.strictObject(shape).prefault({} as never);
/** What goes into the pod as it is written; Kubernetes checks it. */
const anyObject = z.record(z.string(), z.unknown());
const labels = z.record(z.string(), z.string());
const namespaceName = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** Different texts of one form. */
const distinct = (form: RegExp) => z.array(z.string().regex(form)).meta({ uniqueItems: true });
/** Of a list that is given with commas between. */
const pattern = /^[^\s,]+$/;

const quantities = z.record(z.string(), z.union([z.string().min(1), z.number()]));
const resources = z.strictObject({
  requests: quantities.optional(),
  limits: quantities.optional(),
  claims: z.array(z.strictObject({ name: z.string(), request: z.string().optional() })).optional(),
});
const toleration = z.strictObject({
  key: z.string().optional(),
  operator: z.string().optional(),
  value: z.string().optional(),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
  tolerationSeconds: z.int().optional(),
});

const affinity = z.strictObject({
  nodeAffinity: anyObject.optional(),
  podAffinity: anyObject.optional(),
  podAntiAffinity: anyObject.optional(),
});

/** Flags of `dormouse cache prune` for a claim, and when it runs. */
const pruned = z.strictObject({
  namespace: z.string().regex(namespaceName),
  claim: z.string().regex(/^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$/),
  schedule: z.string().min(1),
  maxSize: z
    .string()
    .regex(/^\d{1,6}(\.\d+)?(k|[MGTP]|[KMGTP]i)?$/)
    .optional(),
  olderThan: z
    .string()
    .regex(/^[1-9]\d{0,5}[smhd]$/)
    .optional(),
});

/** Flags that other values give, or that other objects of the chart would not know of. */
const taken = /^--(log-level|namespaces|fetcher-image|allow-|.*-bind-address|leader-elect-resource-)/;
const furtherFlags = settings
  .map(({ flag }) => flag.split(' ', 1)[0] ?? '')
  .filter((flag) => !taken.test(flag));

/** The values of the Helm chart: the one source of values.yaml, of its JSON schema, and of the table in its README. */
export const valuesSchema = z.strictObject({
  image: group({
    repository: z
      .string()
      .min(1)
      .default(imageRepository)
      .describe('Image of the operator, which also fetches models in their pods.'),
    tag: z.string().default('').describe('By default the version of the chart.'),
    digest: z
      .string()
      .regex(/^(sha256:[a-f0-9]{64})?$/)
      .default('')
      .describe('Pins the image, such as sha256:...; goes before the tag.'),
    pullPolicy: z.enum(['IfNotPresent', 'Always', 'Never']).default('IfNotPresent').describe('As in a pod.'),
  }),
  imagePullSecrets: z
    .array(z.strictObject({ name: z.string().min(1) }))
    .default([])
    .describe('Secrets of the namespace of the release, as in a pod. A model has its own.'),

  replicas: z
    .int()
    .min(0)
    .max(100)
    .default(2)
    .describe('One works; the others have everything in their caches and wait for the Lease.'),
  podDisruptionBudget: group({
    enabled: z
      .boolean()
      .default(true)
      .describe('Keeps one pod while nodes are drained; only where there are two or more.'),
  }),
  resources: resources
    .default({ requests: { cpu: '20m', memory: '96Mi' }, limits: { cpu: '1', memory: '256Mi' } })
    .describe('Of the operator, as in a pod.'),
  nodeSelector: labels.default({}).describe('As in a pod.'),
  tolerations: z.array(toleration).default([]).describe('As in a pod.'),
  affinity: affinity.default({}).describe('As in a pod.'),
  topologySpreadConstraints: z
    .array(anyObject)
    .default([spread])
    .describe('As in a pod. By default on nodes of their own where there are enough.'),
  priorityClassName: z.string().default('').describe('As in a pod.'),
  podAnnotations: labels.default({}).describe('Added to the pods of the operator.'),
  podLabels: labels.default({}).describe('Added to the pods of the operator.'),
  serviceAccount: group({
    annotations: labels.default({}).describe('Of the ServiceAccount of the operator.'),
  }),

  logLevel: configSchema.shape.logLevel.describe('Least level that is logged.'),
  namespaces: distinct(namespaceName)
    .default([])
    .describe(
      'Namespaces whose models are served; the operator then has no right in others. By default all. They must exist.',
    ),
  allow: group({
    images: distinct(pattern)
      .default([])
      .describe('Images that models may name, such as registry.example/team/*. By default all.'),
    serviceAccounts: distinct(pattern)
      .default([])
      .describe('ServiceAccounts that models may run as. By default all.'),
    unboundedPublicModels: z
      .boolean()
      .default(true)
      .describe('Whether public models may have no upper bound of their pods.'),
  }),
  extraArgs: distinct(new RegExp(`^(${furtherFlags.join('|')})=`))
    .default([])
    .describe('Flags of `dormouse controller` for which there is no value here, such as --workers=20.'),

  aggregateRoles: z
    .boolean()
    .default(true)
    .describe(
      'Adds models to what the ClusterRoles view, edit and admin allow in a namespace, and lets all users read the runtimes.',
    ),
  metrics: group({
    serviceMonitor: group({
      enabled: z
        .boolean()
        .default(false)
        .describe('Makes a Service and a ServiceMonitor; needs the CRDs of the Prometheus operator.'),
      interval: z.string().default('').describe('Time between scrapes, such as 30s.'),
      labels: labels.default({}).describe('By which a Prometheus selects the ServiceMonitor.'),
    }),
  }),
  networkPolicy: group({
    enabled: z
      .boolean()
      .default(false)
      .describe('Lets in probes and scrapes alone, and out to the API server alone.'),
    metricsFrom: z
      .array(anyObject)
      .default([{ namespaceSelector: {} }])
      .describe('Who may scrape, as `from` of a NetworkPolicy; no pod where it is empty.'),
    apiServerPorts: z
      .array(z.int().min(1).max(65535))
      .min(1)
      .default([443, 6443])
      .describe('Ports of the API server: of its Service and of what is behind it.'),
  }),

  crds: group({
    install: z.boolean().default(true).describe('Installs the CRDs, and upgrades them with the release.'),
    keep: z
      .boolean()
      .default(true)
      .describe('Leaves the CRDs, the models and the runtimes when the release is uninstalled.'),
  }),
  keepModels: z
    .boolean()
    .default(false)
    .describe(
      'Runs `dormouse eject` before the release is uninstalled: models become plain Knative Services, which outlive the CRDs.',
    ),
  cache: group({
    prune: z
      .array(pruned)
      .default([])
      .describe(
        'Claims of caches from which a CronJob evicts models, each as {namespace: team, claim: models, schedule: "0 3 * * *", maxSize: 100Gi, olderThan: 30d}.',
      ),
  }),
  runtimes: group({
    install: z.boolean().default(true).describe('Installs the built-in InferenceRuntimes.'),
  }),
  knative: group({
    patchFeatures: z
      .boolean()
      .default(false)
      .describe(
        "Runs `dormouse doctor --fix` once after each install and upgrade: it sets those of Knative's feature flags that keep models from being served.",
      ),
  }),
  global: anyObject.optional().describe('Of a chart that has this one as a part; not read.'),
});

/** What holds where nothing is said. */
export const defaultValues: z.output<typeof valuesSchema> = valuesSchema.parse({});

/** values.schema.json: in the draft that every Helm since 3.0 reads. */
export const valuesJsonSchema = () =>
  z.toJSONSchema(valuesSchema, {
    target: 'draft-7',
    io: 'input',
    override: ({ jsonSchema }) => {
      delete jsonSchema.propertyNames;
    },
  });
