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
      if (error instanceof ApiError) talk(`error: ${error.message}`);
      else if (!told(error)) throw error;
      process.exitCode = error instanceof UnreachableError ? exitCodes.unreachable : exitCodes.failed;
    }
  };
}

/**
 * An action of commander. A mistake of the caller is told in its bare sentences: exit code 2 for settings, and `code`
 * for all else. That of an error nobody expects is 1 unless `code` says that 1 means something.
 */
export function reported<Args extends unknown[]>(action: (...args: Args) => Promise<void>, code = 1) {
  return async (...args: Args): Promise<void> => {
    try {
      await action(...args);
    } catch (error) {
      if (!told(error)) {
        if (code === 1) throw error;
        talk(String((error as Error).stack));
      }
      process.exitCode = error instanceof ProblemsError ? 2 : code;
    }
  };
}

/** Tells an error that has sentences for people, and whether it has. */
function told(error: unknown): boolean {
  if (error instanceof ProblemsError) for (const problem of error.problems) talk(`error: ${problem}`);
  else if (error instanceof PlainError) talk(`error: ${error.message}`);
  else return false;
  return true;
}

export function untilAskedToStop(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}
