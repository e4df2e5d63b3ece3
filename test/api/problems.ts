import { parseInferenceModel } from '../../src/api/inferencemodel.ts';
import { InvalidObjectError } from '../../src/api/parse.ts';

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
