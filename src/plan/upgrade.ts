import { annotations } from '#api/group.ts';
import type { InferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import type { Environment } from '#synth/environment.ts';
import { quantities } from './amounts.ts';
import type { LiveModel } from './live-model.ts';
import { diffModel, type ModelDiff } from './model-diff.ts';

/**
 * How a model stands to what would be made of it today: `behind` where a held revision differs from it, `refused` where
 * the cluster would not run it, `pending` where another revision is due in any case.
 */
export type UpgradeState = 'current' | 'behind' | 'pending' | 'refused';

export interface ModelUpgrade {
  readonly state: UpgradeState;
  /** What adopting it would do. */
  readonly diff: ModelDiff;
}

/** What a model would become if it adopted what this version, its runtime and the cluster now say. */
export function upgradeOf(model: InferenceModel, environment: Environment, current: LiveModel): ModelUpgrade {
  const now = diffModel(model, environment, current);
  if (now.kind === 'refused') return { state: 'refused', diff: now };
  if (now.live === undefined || now.live !== now.revision) return { state: 'pending', diff: now };
  const adopted = diffModel(refreshed(model), environment, current);
  if (adopted.kind === 'refused') return { state: 'refused', diff: adopted };
  const state = now.refresh.length > 0 ? 'behind' : 'current';
  return { state, diff: { ...adopted, template: now.refresh } };
}

/** The model with another value of the annotation that makes it adopt. */
function refreshed({ metadata, ...model }: InferenceModel): InferenceModel {
  const refresh = `${metadata.annotations?.[annotations.refresh] ?? ''}+`;
  return {
    ...model,
    metadata: { ...metadata, annotations: { ...metadata.annotations, [annotations.refresh]: refresh } },
  };
}

/** 0: nothing is to be adopted. 1: something is. 2: something is refused. */
export function upgradeCode(upgrades: readonly ModelUpgrade[]): 0 | 1 | 2 {
  if (upgrades.some(({ state }) => state === 'refused')) return 2;
  return upgrades.some(({ state }) => state === 'behind') ? 1 : 0;
}

/** For programs. */
export const upgradeReport = (upgrades: readonly ModelUpgrade[]): object => ({
  models: upgrades.map(({ state, diff }) => ({
    name: diff.name,
    namespace: diff.namespace,
    state,
    live: diff.live,
    ...(state === 'behind' && {
      changes: diff.template,
      podsEnding: diff.podsEnding ?? null,
      podsStarting: diff.podsStarting,
      requestedMore: quantities(diff.requestedMore),
      images: diff.images,
      downloads: diff.downloads,
    }),
    ...(state === 'refused' && { problems: diff.problems }),
  })),
});
