/** A mistake of the caller: its message is all that they need to read. The command ends with exit code 1. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
