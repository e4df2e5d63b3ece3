import type { Reader } from '#kube/client/client.ts';
import { modelResource } from '#operator/resources.ts';
import type { Model } from '../support/models.ts';

/** Until when each model of a batch must have its verdict. */
const patienceMs = 120_000;

export const conditionOf = (model: Model, type: string) =>
  model.status?.conditions?.find((condition) => condition.type === type);

/** Whether the operator has said of this version of a model that it is accepted, or why it is not. */
function isDecided(model: Model): boolean {
  const accepted = conditionOf(model, 'Accepted');
  return accepted?.observedGeneration === model.metadata.generation && accepted?.status !== 'Unknown';
}

/** The models of a namespace once the operator has decided on all with these names, or has taken too long. */
export async function verdicts(
  client: Reader,
  namespace: string,
  names: ReadonlySet<string>,
): Promise<{ readonly decided: readonly Model[]; readonly undecided: readonly Model[] }> {
  const signal = AbortSignal.timeout(patienceMs);
  const models = new Map<string, Model>();
  const waiting = new Set(names);
  const see = (model: Model): void => {
    models.set(model.metadata.name, model);
    if (isDecided(model)) waiting.delete(model.metadata.name);
  };
  try {
    while (waiting.size > 0) {
      const { items, resourceVersion } = await client.list<Model>(modelResource, { namespace, signal });
      for (const model of items) see(model);
      if (waiting.size === 0) break;
      const events = client.watch<Model>(modelResource, { namespace, resourceVersion, signal });
      for await (const { type, object } of events) {
        if (type !== 'BOOKMARK') see(object);
        if (waiting.size === 0) break;
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  const known = [...models.values()].filter(({ metadata }) => names.has(metadata.name));
  return {
    decided: known.filter(({ metadata }) => !waiting.has(metadata.name)),
    undecided: known.filter(({ metadata }) => waiting.has(metadata.name)),
  };
}
