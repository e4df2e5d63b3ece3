import { ProblemsError } from '../api/problems.ts';

/** A model that this cluster, as it is, cannot run. Each problem says what to write or to set instead. */
export class RefusedError extends ProblemsError {
  override readonly name = 'RefusedError';
}
