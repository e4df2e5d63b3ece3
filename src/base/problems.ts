/** How much of a sentence is shown, in UTF-16 units. A key that a user wrote may have megabytes. */
const maxLength = 1000;

/** As much of a sentence as is read. */
export const shortened = (sentence: string): string =>
  sentence.length <= maxLength ? sentence : `${sentence.slice(0, maxLength - 1).toWellFormed()}…`;

/** Something that the user wrote cannot be taken as it is. Each problem is a sentence: where, what, and what to write. */
export class ProblemsError extends Error {
  override readonly name: string = 'ProblemsError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('; '));
    this.problems = problems;
  }
}
