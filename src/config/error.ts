import { ProblemsError } from '#base/problems.ts';

/** The configuration cannot be taken as it is: a sentence for each value that is wrong. */
export class ConfigError extends ProblemsError {
  override readonly name = 'ConfigError';
}
