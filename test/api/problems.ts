import { InvalidObjectError } from '#api/schema/parse.ts';
import { parseInferenceModel } from '#api/v1alpha1/inferencemodel.ts';

/** What is wrong with an InferenceModel, a sentence each. */
export function problems(object: unknown): readonly string[] {
  try {
    parseInferenceModel(object);
    return [];
  } catch (error) {
    if (error instanceof InvalidObjectError) return error.problems;
    throw error;
  }
}
