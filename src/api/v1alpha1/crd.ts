import * as z from 'zod';
import { group, inferenceModels, inferenceProfiles, inferenceRuntimes, version } from '../group.ts';
import { crdExtras } from '../schema/rules.ts';
import { dns1035 } from '../schema/scalars.ts';
import { longestName, nameMessage } from './inferencemodel.ts';
import { inferenceProfileSpec } from './profile.ts';
import { inferenceRuntimeSpec } from './runtime.ts';
import { inferenceModelSpec } from './spec.ts';
import { inferenceModelStatus } from './status.ts';

type Json = Record<string, unknown>;

/** A column of `kubectl get`; those of priority 1 are shown with `-o wide` alone. */
interface Column {
  readonly name: string;
  readonly type: string;
  readonly jsonPath: string;
  readonly priority?: number;
}

interface Definition {
  readonly names: { kind: string; plural: string; singular: string; shortName: string };
  readonly scope: 'Namespaced' | 'Cluster';
  readonly schema: Json;
  readonly columns: readonly Column[];
  /** Of the object, beside itself. */
  readonly subresources?: Json;
}

const age: Column = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };

/** The CustomResourceDefinition of InferenceModel, made from the zod schemas alone. */
export const inferenceModelCrd = () =>
  crd({
    names: inferenceModels,
    scope: 'Namespaced',
    subresources: {
      status: {},
      // `kubectl scale` and the cron scaler of KEDA set how many pods stay awake.
      scale: {
        specReplicasPath: '.spec.scale.minReplicas',
        statusReplicasPath: '.status.replicas',
        labelSelectorPath: '.status.selector',
      },
    },
    schema: {
      ...object('A model, served by containers that start when a request comes and stop when none do.', {
        spec: structural(inferenceModelSpec),
        status: structural(inferenceModelStatus),
      }),
      'x-kubernetes-validations': [
        {
          rule: `size(self.metadata.name) <= ${longestName} && self.metadata.name.matches('${dns1035.source}')`,
          message: nameMessage,
          fieldPath: '.metadata.name',
        },
      ],
    },
    columns: [
      { name: 'URL', type: 'string', jsonPath: '.status.url' },
      { name: 'State', type: 'string', jsonPath: '.status.state' },
      { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
      { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason' },
      { name: 'Format', type: 'string', jsonPath: '.spec.model.format', priority: 1 },
      { name: 'Runtime', type: 'string', jsonPath: '.status.revisions[0].runtime', priority: 1 },
      { name: 'Replicas', type: 'integer', jsonPath: '.status.replicas', priority: 1 },
      {
        name: 'Message',
        type: 'string',
        jsonPath: '.status.conditions[?(@.type=="Ready")].message',
        priority: 1,
      },
      age,
    ],
  });

/** The CustomResourceDefinition of InferenceRuntime: data alone, without a status. */
export const inferenceRuntimeCrd = () =>
  crd({
    names: inferenceRuntimes,
    scope: 'Cluster',
    schema: object('A model server that models may use.', { spec: structural(inferenceRuntimeSpec) }),
    columns: [
      { name: 'Version', type: 'string', jsonPath: '.spec.version' },
      { name: 'Formats', type: 'string', jsonPath: '.spec.formats[*].name' },
      { name: 'Maturity', type: 'string', jsonPath: '.spec.maturity' },
      age,
    ],
  });

/** The CustomResourceDefinition of InferenceProfile: data alone, without a status. */
export const inferenceProfileCrd = () =>
  crd({
    names: inferenceProfiles,
    scope: 'Cluster',
    schema: object('What a platform team says once of hardware and pods.', {
      spec: structural(inferenceProfileSpec),
    }),
    columns: [
      { name: 'Default', type: 'boolean', jsonPath: '.spec.default' },
      { name: 'Description', type: 'string', jsonPath: '.spec.description' },
      age,
    ],
  });

/** All CustomResourceDefinitions of Dormouse. */
export const customResourceDefinitions = (): Json[] => [
  inferenceModelCrd(),
  inferenceRuntimeCrd(),
  inferenceProfileCrd(),
];

function crd({
  names: { kind, plural, singular, shortName },
  scope,
  schema,
  columns,
  subresources,
}: Definition): Json {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope,
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular,
        shortNames: [shortName],
        categories: ['dormouse'],
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: schema },
          ...(subresources && { subresources }),
          additionalPrinterColumns: columns,
        },
      ],
    },
  };
}

const object = (description: string, parts: Json): Json => ({
  type: 'object',
  description,
  required: ['spec'],
  properties: {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { type: 'object', properties: { name: { type: 'string' } } },
    ...parts,
  },
});

/** A zod schema as the structural OpenAPI schema that a CRD accepts. */
function structural(schema: z.ZodType): Json {
  const json = z.toJSONSchema(schema, {
    target: 'openapi-3.0',
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const target = jsonSchema as Json;
      const extras = crdExtras.get(zodSchema);
      if (extras?.schema) replace(target, extras.schema);
      Object.assign(target, extras?.merge);
      if (extras?.rules?.length) target['x-kubernetes-validations'] = extras.rules;
      // Unknown fields are pruned or refused by the API server itself; a structural schema may not say it.
      if (target.additionalProperties === false) delete target.additionalProperties;
      delete target.propertyNames;
      // Bounds of JavaScript and not of the API.
      if (target.minimum === Number.MIN_SAFE_INTEGER) delete target.minimum;
      if (target.maximum === Number.MAX_SAFE_INTEGER) delete target.maximum;
    },
  }) as Json;
  delete json.$schema;
  return json;
}

function replace(target: Json, schema: Readonly<Json>): void {
  for (const key of Object.keys(target)) if (key !== 'description') delete target[key];
  Object.assign(target, schema);
}
