import { ProblemsError } from '#base/problems.ts';
import { ConfigError } from '#config/load.ts';
import { ApiError, ConnectionError } from '#kube/client/errors.ts';
import { log } from './terminal/terminal.ts';

/** An error that is shown as its bare sentence: the user can mend it, and a stack would not help. */
export class PlainError extends Error {
  override readonly name: string = 'PlainError';
}

/** There is no cluster, or it does not let us in: another exit code than for a cluster that answered. */
export class UnreachableError extends PlainError {
  override readonly name = 'UnreachableError';
}

/** Exit codes; 2 means that nothing could be looked at. */
export const exitCodes = { done: 0, failed: 1, unable: 2 } as const;

/**
 * An action of commander that ends with an exit code: the one that it gives, or that of what it throws. An error that is
 * expected is shown as its bare sentences, every other with its stack.
 * @param failed the code of errors that have none of their own: 2 for a command whose 1 says that something differs
 */
export function action<Args extends unknown[]>(
  run: (...args: Args) => Promise<number | undefined>,
  failed: number = exitCodes.failed,
) {
  return async (...args: Args): Promise<void> => {
    try {
      process.exitCode = (await run(...args)) ?? exitCodes.done;
    } catch (error) {
      const end = endOf(error);
      for (const sentence of end?.sentences ?? []) log(`error: ${sentence}`);
      process.exitCode = end?.code ?? failed;
      if (end) return;
      log(error instanceof Error ? `${error.stack}` : String(error));
      // After an unexpected error, timers and connections may still hold the process.
      process.exit();
    }
  };
}

/** What is shown of an error, and the exit code where it has one of its own. */
function endOf(
  error: unknown,
): { readonly sentences: readonly string[]; readonly code?: number } | undefined {
  const code = exitCodes.unable;
  if (error instanceof ConfigError) return { sentences: error.problems, code };
  if (error instanceof UnreachableError) return { sentences: [error.message], code };
  if (error instanceof ConnectionError)
    return { sentences: [`the cluster does not answer: ${error.message}`], code };
  if (error instanceof ProblemsError) return { sentences: error.problems };
  if (error instanceof PlainError || error instanceof ApiError) return { sentences: [error.message] };
  return undefined;
}

/** Aborts when the user or the kubelet asks the process to stop. */
export function untilAskedToStop(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}
