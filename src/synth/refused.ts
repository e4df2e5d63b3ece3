/** A model that this cluster, as it is, cannot run. Each problem is a sentence that says what to write or set instead. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('; '));
    this.problems = problems;
  }
}
