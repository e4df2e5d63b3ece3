import { z } from 'zod';
import { apiVersion, inferenceModels } from './group.ts';
import { dns1035 } from './scalars.ts';
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
  namespace: z.string().optional(),
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

/** What is wrong with an InferenceModel: a sentence a field, each with the path to it. */
export class InvalidModelError extends Error {
  override readonly name = 'InvalidModelError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('; '));
    this.problems = problems;
  }
}

/**
 * Checks what the API server also checks by the CRD.
 * @throws InvalidModelError with one sentence for each problem
 */
export function parseInferenceModel(object: unknown): InferenceModel {
  const result = inferenceModel.safeParse(withoutNulls(object));
  if (result.success) return result.data as InferenceModel;
  throw new InvalidModelError(result.error.issues.map(sentence));
}

/** A field without a value, as in `env:` alone, is no field: the API server takes it away too. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([, item]) => item !== null);
  return Object.fromEntries(entries.map(([key, item]) => [key, withoutNulls(item)]));
}

function sentence(issue: z.core.$ZodIssue): string {
  const path = issue.path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('');
  return `${path.replace(/^\./, '') || 'document'}: ${issue.message}`;
}
