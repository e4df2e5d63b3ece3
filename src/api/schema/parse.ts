import type { z } from 'zod';
import { ProblemsError, shortened } from '#base/problems.ts';
import { words } from './messages.ts';

/** What is wrong with an object of ours: a sentence a field, each with the path to it. */
export class InvalidObjectError extends ProblemsError {
  override readonly name = 'InvalidObjectError';
}

/**
 * Checks what the API server also checks by the CRD.
 * @throws InvalidObjectError with one sentence for each problem
 */
export function parse<S extends z.ZodType>(schema: S, object: unknown): z.output<S> {
  const result = schema.safeParse(withoutNulls(object), { error: words });
  if (result.success) return result.data;
  throw new InvalidObjectError(result.error.issues.map(sentence));
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
  return shortened(`${path.replace(/^\./, '') || 'document'}: ${issue.message}`);
}
