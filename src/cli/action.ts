import { ProblemsError } from '../api/problems.ts';
import { ApiError } from '../kube/errors.ts';
import { PlainError, UnreachableError } from './errors.ts';

/** Exit codes of the commands that talk to a cluster. */
export const exitCodes = { done: 0, failed: 1, unreachable: 2 } as const;

export const talk = (line: string): void => void process.stderr.write(`${line}\n`);

/**
 * An action of commander that ends with an exit code: the one it gives, or that of what it throws, which is told in
 * its bare words.
 */
export function clusterAction<Args extends unknown[]>(
  action: (...args: Args) => Promise<number | undefined>,
) {
  return async (...args: Args): Promise<void> => {
    try {
      process.exitCode = (await action(...args)) ?? exitCodes.done;
    } catch (error) {
      if (error instanceof ProblemsError) for (const problem of error.problems) talk(`error: ${problem}`);
      else if (error instanceof PlainError || error instanceof ApiError) talk(`error: ${error.message}`);
      else throw error;
      process.exitCode = error instanceof UnreachableError ? exitCodes.unreachable : exitCodes.failed;
    }
  };
}
