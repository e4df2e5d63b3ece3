/** An error that is told as its bare sentence: who reads it can mend it, and its stack would help nobody. */
export class PlainError extends Error {
  override readonly name = 'PlainError';
}

/** There is no cluster, or it does not let us in: another exit code than for a cluster that said something. */
export class UnreachableError extends PlainError {}
