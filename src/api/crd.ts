import { z } from 'zod';
import { group, inferenceModels, version } from './group.ts';
import { longestName, nameMessage } from './inferencemodel.ts';
import { crdExtras } from './rules.ts';
import { dns1035 } from './scalars.ts';
import { inferenceModelSpec } from './spec.ts';
import { inferenceModelStatus } from './status.ts';

type Json = Record<string, unknown>;

/** The CustomResourceDefinition of InferenceModel, made from the zod schemas alone. */
export function inferenceModelCrd(): Json {
  const { kind, plural, singular, shortName } = inferenceModels;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular,
        shortNames: [shortName],
        categories: ['all'],
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: modelSchema() },
          subresources: { status: {} },
          additionalPrinterColumns: [
            { name: 'URL', type: 'string', jsonPath: '.status.url' },
            { name: 'State', type: 'string', jsonPath: '.status.state' },
            { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
            { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
          ],
        },
      ],
    },
  };
}

function modelSchema(): Json {
  return {
    type: 'object',
    description: 'A model, served by containers that start when somebody asks and stop when nobody does.',
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      spec: structural(inferenceModelSpec),
      status: structural(inferenceModelStatus),
    },
    'x-kubernetes-validations': [
      {
        rule: `size(self.metadata.name) <= ${longestName} && self.metadata.name.matches('${dns1035.source}')`,
        message: `metadata.name ${nameMessage}`,
      },
    ],
  };
}

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
    },
  }) as Json;
  delete json.$schema;
  return json;
}

function replace(target: Json, schema: Readonly<Json>): void {
  for (const key of Object.keys(target)) if (key !== 'description') delete target[key];
  Object.assign(target, schema);
}
