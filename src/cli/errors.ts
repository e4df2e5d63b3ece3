/** An error that is told as its bare sentence: who reads it can mend it, and its stack would help nobody. */
export class PlainError extends Error {
  override readonly name = 'PlainError';
}
