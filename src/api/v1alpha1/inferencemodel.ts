import * as z from 'zod';
import { apiVersion, inferenceModels } from '../group.ts';
import { parse } from '../schema/parse.ts';
import { dns1035, namespaceName } from '../schema/scalars.ts';
import { type InferenceModelSpec, inferenceModelSpec } from './spec.ts';
import type { InferenceModelStatus } from './status.ts';

/**
 * Longest name of a model, in characters: a host name label of 63 must hold the tag of a candidate before it, and
 * the content hash of a revision behind it.
 */
export const longestName = 48;
export const nameMessage = `must be lower case letters, digits and "-", start with a letter, and have at most ${longestName} characters: a host name is made of it`;

const isModelName = (name: string) => name.length <= longestName && dns1035.test(name);

const metadata = z.looseObject({
  name: z.string().refine(isModelName, { message: nameMessage }),
  namespace: namespaceName.optional(),
  uid: z.string().optional(),
  generation: z.int().optional(),
  resourceVersion: z.string().optional(),
  annotations: z.record(z.string(), z.string()).optional(),
  labels: z.record(z.string(), z.string()).optional(),
});

const inferenceModel = z.looseObject({
  apiVersion: z.literal(apiVersion),
  kind: z.literal(inferenceModels.kind),
  metadata,
  spec: inferenceModelSpec,
});

/** An InferenceModel whose every field has been checked. */
export interface InferenceModel {
  readonly metadata: z.infer<typeof metadata>;
  readonly spec: InferenceModelSpec;
  readonly status?: InferenceModelStatus;
}

/** @throws InvalidObjectError with one sentence for each problem */
export const parseInferenceModel = (object: unknown) => parse(inferenceModel, object) as InferenceModel;
