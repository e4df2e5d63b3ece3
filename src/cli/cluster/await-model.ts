import { duration, seconds } from '#api/schema/scalars.ts';
import { conditionOf } from '#knative/objects.ts';
import { watchUntil } from '#kube/cache/watch-until.ts';
import type { Reader } from '#kube/client/client.ts';
import { keyOf, type NamespacedName } from '#kube/client/objects.ts';
import { modelResource } from '#operator/resources.ts';
import { PlainError } from '../action.ts';
import type { FoundModel } from './model.ts';

/** What was waited for did not come in time. */
export class TimedOutError extends PlainError {
  override readonly name = 'TimedOutError';
}

export interface AwaitOptions<R> {
  /** Gets the model at first and after each change; what it gives other than undefined ends the wait. */
  readonly predicate: (model: FoundModel) => R | undefined;
  readonly timeoutMs: number;
  /** Gets the model of each change, for progress. */
  readonly onChange?: (model: FoundModel) => void;
}

/**
 * Waits for one model. Connections that break and servers that are away are waited out.
 * @throws PlainError where the model is deleted, and TimedOutError
 */
export async function awaitModel<R>(
  client: Reader,
  name: NamespacedName,
  { predicate, timeoutMs, onChange }: AwaitOptions<R>,
): Promise<R> {
  const signal = AbortSignal.timeout(timeoutMs);
  let last: FoundModel | undefined;
  try {
    return await watchUntil<FoundModel, R>(client, modelResource, {
      ...(name.namespace && { namespace: name.namespace }),
      fieldSelector: `metadata.name=${name.name}`,
      signal,
      predicate: ([model]) => {
        if (!model) throw new PlainError(`${keyOf(name)} was deleted`);
        last = model;
        onChange?.(model);
        return predicate(model);
      },
    });
  } catch (cause) {
    if (!signal.aborted) throw cause;
    const message = last && conditionOf(last, 'Ready')?.message;
    throw new TimedOutError(
      `${keyOf(name)} is ${last?.status?.state ?? 'not ready'} after ${Math.round(timeoutMs / 1000)} s${message ? `: ${message}` : ''}: see "dormouse status ${name.name}"`,
      { cause },
    );
  }
}

/**
 * Milliseconds of the flag `--timeout`.
 * @throws PlainError
 */
export function timeoutMsOf(text: string): number {
  if (!duration('1s', '24h').safeParse(text).success)
    throw new PlainError(`--timeout is "${text}": write a duration from 1s to 24h, such as 90s`);
  return seconds(text) * 1000;
}
