import { annotations } from '#api/group.ts';
import { conditionOf } from '#knative/objects.ts';
import type { Client } from '#kube/client/client.ts';
import { keyOf, type NamespacedName } from '#kube/client/objects.ts';
import { modelResource } from '#operator/resources.ts';
import { PlainError } from '../action.ts';
import { type AwaitOptions, awaitModel } from './await-model.ts';
import type { FoundModel } from './model.ts';
import { cliManager } from './open.ts';

/** Gives a model another value of `dormouse.dev/refresh`: the operator then makes a new revision of it. */
export const refresh = (client: Client, model: NamespacedName): Promise<FoundModel> =>
  client.patch<FoundModel>(
    modelResource,
    model,
    { metadata: { annotations: { [annotations.refresh]: new Date().toISOString() } } },
    { fieldManager: cliManager },
  );

/**
 * Waits until another revision than `live` serves.
 * @returns its name
 * @throws PlainError where it fails, with the reason
 */
export const awaitRevision = (
  client: Client,
  model: NamespacedName,
  live: string | undefined,
  options: Omit<AwaitOptions<string>, 'predicate'>,
): Promise<string> =>
  awaitModel(client, model, { ...options, predicate: (found) => newRevision(found, live) });

/** The new revision, once it serves. The newest one in a status comes first. */
function newRevision(model: FoundModel, live: string | undefined): string | undefined {
  const newest = model.status?.revisions?.[0]?.name;
  const stalled = conditionOf(model, 'Stalled');
  const isRefused = conditionOf(model, 'Accepted')?.status === 'False';
  if (stalled?.status === 'True' && (isRefused || newest !== live)) {
    const serving = conditionOf(model, 'Available')?.status === 'True';
    throw new PlainError(
      `${keyOf(model.metadata)}: ${stalled.message}${serving ? '; what served before serves on' : ''}`,
    );
  }
  return newest !== live && conditionOf(model, 'Ready')?.status === 'True' ? newest : undefined;
}
