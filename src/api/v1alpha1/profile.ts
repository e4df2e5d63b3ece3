import * as z from 'zod';
import { apiVersion, inferenceProfiles } from '../group.ts';
import { parse } from '../schema/parse.ts';
import { unchecked } from '../schema/rules.ts';
import { objectName, text } from '../schema/scalars.ts';
import { model } from './model.ts';
import { pod } from './pod.ts';
import { resources } from './resources.ts';

const { endpoint, region, credentials, cache } = model.shape;

/** What of a place holds for all models below it. */
const place = z.strictObject({
  prefix: text(2048).describe('Of URIs, such as s3://models/. The longest that fits counts.'),
  secretRef: credentials
    .unwrap()
    .shape.secretRef.optional()
    .describe('A Secret in the namespace of each model.'),
  endpoint,
  region,
});

/** What a platform team says once: hardware, and the rules of the house. A model wins over it, and it over a runtime. */
export const inferenceProfileSpec = z
  .strictObject({
    description: text(1024).optional().describe('What it is for, in a sentence.'),
    default: z
      .boolean()
      .optional()
      .describe('Whether models that name no profile get it. Of several, the first by name.'),
    resources: unchecked(
      resources,
      'What a model gets that says nothing of resources: as its spec.resources.',
    ).optional(),
    pod: unchecked(
      pod,
      'Where pods run and what belongs to them: as spec.pod of an InferenceModel.',
    ).optional(),
    fetcher: z
      .strictObject({ resources: unchecked(resources, 'As spec.resources of an InferenceModel.').optional() })
      .optional()
      .describe('The container that fetches models.'),
    cache,
    credentials: z.array(place).max(64).optional().describe('With what models of a place are read.'),
  })
  .describe('Hardware and house rules.');

/** A spec as it is written. */
export type InferenceProfileSpecInput = z.input<typeof inferenceProfileSpec>;

/** An InferenceProfile whose every field has been checked. */
export interface InferenceProfile {
  readonly name: string;
  readonly spec: z.output<typeof inferenceProfileSpec>;
}

const inferenceProfile = z.looseObject({
  apiVersion: z.literal(apiVersion),
  kind: z.literal(inferenceProfiles.kind),
  metadata: z.looseObject({ name: objectName }),
  spec: inferenceProfileSpec,
});

/** @throws InvalidObjectError with one sentence for each problem */
export function parseInferenceProfile(object: unknown): InferenceProfile {
  const { metadata, spec } = parse(inferenceProfile, object);
  return { name: metadata.name, spec };
}
