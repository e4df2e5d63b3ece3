import { ProblemsError } from '#base/problems.ts';
import { ConfigError } from '#config/load.ts';
import { ApiError, ConnectionError } from '#kube/client/errors.ts';
import { PlainError, UnreachableError } from './errors.ts';
import { talk } from './terminal/terminal.ts';

/** Exit codes; 2 says that nothing could be looked at. */
export const exitCodes = { done: 0, failed: 1, unable: 2 } as const;

/**
 * An action of commander that ends with an exit code: the one it gives, or that of what it throws. That is told in its
 * bare sentences, but for what nobody expects.
 * @param failed the code of what has none of its own: 2 for a command whose 1 says that something differs
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
      for (const sentence of end?.sentences ?? []) talk(`error: ${sentence}`);
      process.exitCode = end?.code ?? failed;
      if (end) return;
      talk(error instanceof Error ? `${error.stack}` : String(error));
      // Nobody knows what of it goes on.
      process.exit();
    }
  };
}

/** What is told of an error, and the exit code where it has one of its own. */
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

export function untilAskedToStop(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}
