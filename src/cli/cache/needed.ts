import { annotations } from '#api/group.ts';
import { cacheRoot } from '#base/cache.ts';
import { type RevisionObject, revisionResource } from '#knative/objects.ts';
import { listAll } from '#kube/client/client.ts';
import { ApiError, messageOf } from '#kube/client/errors.ts';
import { PlainError, UnreachableError } from '../action.ts';
import { openCluster } from '../cluster/open.ts';
import type { Target } from '../flags.ts';

export interface Needed {
  readonly namespace: string;
  readonly keys: readonly string[];
}

const instead = '"--ignore-revisions" evicts without knowing which models are needed';

/**
 * The keys of models of which a revision may need a pod; it may sleep meanwhile.
 * @throws PlainError where that cannot be known
 */
export async function neededModels(target: Target): Promise<Needed> {
  try {
    await using cluster = await openCluster(target);
    const { client, namespace } = cluster;
    const revisions = await listAll<RevisionObject>(client, revisionResource, { namespace });
    const prefix = `${cacheRoot}/`;
    const keys = revisions.flatMap(({ metadata }) => {
      const path = metadata.annotations?.[annotations.cache];
      return path?.startsWith(prefix) ? [path.slice(prefix.length)] : [];
    });
    return { namespace, keys: [...new Set(keys)] };
  } catch (cause) {
    const message = `which models are needed cannot be read: ${messageOf(cause)}; ${instead}`;
    if (cause instanceof UnreachableError) throw new UnreachableError(message, { cause });
    if (cause instanceof ApiError) throw new PlainError(message, { cause });
    throw cause;
  }
}
