import type { KubernetesObject } from '#kube/client/objects.ts';
import { keyOf } from '#kube/client/objects.ts';
import { modelResource } from '#operator/resources.ts';
import { exitCodes } from '../action.ts';
import { timeoutMsOf } from '../cluster/await-model.ts';
import { gone, unlessAbsent } from '../cluster/gone.ts';
import { findModels } from '../cluster/model.ts';
import { openCluster } from '../cluster/open.ts';
import type { Target } from '../flags.ts';
import { confirmed } from '../terminal/confirm.ts';
import { log } from '../terminal/terminal.ts';

export interface DeleteFlags extends Target {
  readonly yes?: boolean;
  readonly wait: boolean;
  readonly timeout: string;
}

/** Deletes models, and gives the exit code. */
export async function runDelete(names: readonly string[], flags: DeleteFlags): Promise<number> {
  const timeoutMs = timeoutMsOf(flags.timeout);
  await using cluster = await openCluster(flags);
  const { client } = cluster;
  const models = await findModels(client, [...new Set(names)], cluster.namespace);
  for (const { metadata, status } of models)
    log(`${keyOf(metadata)}: ${status?.url ?? 'it has no address yet'}`);
  if (!flags.yes && !(await confirmed('delete?', 'delete'))) return exitCodes.failed;
  // Not one of the same name that was made while the user was asked.
  for (const { metadata } of models)
    await client
      .delete(modelResource, metadata, {
        propagationPolicy: 'Background',
        preconditions: { ...(metadata.uid && { uid: metadata.uid }) },
      })
      .catch(unlessAbsent);
  for (const model of models) {
    const key = keyOf(model.metadata);
    if (flags.wait) await gone(client, modelResource, model, heldText, timeoutMs);
    log(
      flags.wait ? `${key} is deleted; its pods end with their last requests` : `${key} is marked as deleted`,
    );
  }
  return exitCodes.done;
}

/** Of a model that is not gone in time. */
const heldText = ({ metadata }: KubernetesObject): string =>
  `${keyOf(metadata)} is marked as deleted, and stays until its finalizers are removed by whoever set them: ${(metadata.finalizers ?? []).join(', ')}`;
