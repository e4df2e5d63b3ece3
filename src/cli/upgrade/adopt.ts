import { annotations } from '#api/group.ts';
import { conditionOf } from '#knative/objects.ts';
import type { Client } from '#kube/client/client.ts';
import { keyOf, type NamespacedName } from '#kube/client/objects.ts';
import { modelResource } from '#operator/resources.ts';
import { PlainError } from '../action.ts';
import type { FoundModel } from '../cluster/model.ts';
import { cliManager } from '../cluster/open.ts';

export interface Adoption {
  /** The revision that is held. */
  readonly live: string;
  /** The new value of the annotation. */
  readonly refresh: string;
  readonly signal: AbortSignal;
}

/**
 * Tells a model to adopt what the operator makes of it now, and waits until the new revision serves.
 * @returns its name
 * @throws PlainError where it fails, with the reason; what served before serves on
 */
export async function adopt(client: Client, model: NamespacedName, adoption: Adoption): Promise<string> {
  const { live, refresh, signal } = adoption;
  const change = { metadata: { annotations: { [annotations.refresh]: refresh } } };
  const options = { fieldManager: cliManager, signal };
  const told = await client.patch<FoundModel>(modelResource, model, change, options);
  const { namespace, name } = model;
  const selection = { ...(namespace && { namespace }), fieldSelector: `metadata.name=${name}`, signal };
  for (let since = told.metadata.resourceVersion ?? ''; ; ) {
    for await (const { type, object } of client.watch<FoundModel>(modelResource, {
      ...selection,
      resourceVersion: since,
    })) {
      since = object.metadata.resourceVersion ?? since;
      if (type === 'BOOKMARK') continue;
      if (type === 'DELETED') throw new PlainError(`${keyOf(model)} was deleted`);
      const serving = outcome(object, live);
      if (serving) return serving;
    }
  }
}

/** The new revision, once it serves. The newest one that a status tells of comes first in it. */
function outcome(model: FoundModel, live: string): string | undefined {
  const newest = model.status?.revisions?.[0]?.name;
  const stalled = conditionOf(model, 'Stalled');
  const refused = conditionOf(model, 'Accepted')?.status === 'False';
  if (stalled?.status === 'True' && (refused || newest !== live))
    throw new PlainError(`${keyOf(model.metadata)}: ${stalled.message}; what served before serves on`);
  return newest !== live && conditionOf(model, 'Ready')?.status === 'True' ? newest : undefined;
}
