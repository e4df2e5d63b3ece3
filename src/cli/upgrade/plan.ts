import { parseInferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import { ProblemsError } from '#base/problems.ts';
import type { StoredModel } from '#decision/decide.ts';
import type { OperatorSettings } from '#operator/reconciler.ts';
import { refusedModel } from '#plan/model-diff.ts';
import { type ModelUpgrade, upgradeOf } from '#plan/upgrade.ts';
import { PlainError } from '../action.ts';
import type { Baseline } from '../cluster/baseline.ts';
import { environmentsOf } from '../cluster/environments.ts';
import { liveModelOf } from '../cluster/live-model.ts';
import type { ClusterState } from '../cluster/state.ts';

export interface PlanOptions {
  readonly baseline: Baseline;
  /** Models; all if empty. */
  readonly names: readonly string[];
  /** All namespaces if left out. */
  readonly namespace: string | undefined;
  /** Settings of the operator, if not those of its Deployment. */
  readonly operatorSettings?: OperatorSettings | undefined;
}

/**
 * What models would become if they adopted what this version makes of them.
 * @throws PlainError where there are no such models, or the cluster cannot be read
 */
export async function planOf(options: PlanOptions, log: (line: string) => void): Promise<ModelUpgrade[]> {
  const { baseline, namespace, names, operatorSettings } = options;
  const state = await baseline.read(namespace === undefined ? undefined : [namespace]);
  const environmentOf = environmentsOf(state, operatorSettings, log);
  return chosen(state, options).map((stored) => {
    const { name, namespace: of } = stored.metadata;
    try {
      const model = parseInferenceModel(stored);
      return upgradeOf(model, environmentOf(of), liveModelOf(model, state));
    } catch (error) {
      if (!(error instanceof ProblemsError)) throw error;
      return { state: 'refused', diff: refusedModel({ name, namespace: of }, error.problems) };
    }
  });

  function chosen({ models }: ClusterState, { baseline: { where } }: PlanOptions): StoredModel[] {
    const there = [...models.values()].filter(
      ({ metadata }) => namespace === undefined || metadata.namespace === namespace,
    );
    const missing = names.filter((name) => !there.some(({ metadata }) => metadata.name === name));
    const place = namespace === undefined ? where : `namespace ${namespace} of ${where}`;
    if (missing.length > 0)
      throw new PlainError(
        missing.map((name) => `there is no InferenceModel ${name} in ${place}`).join('\n'),
      );
    if (there.length === 0)
      throw new PlainError(
        `there are no InferenceModels in ${place}; of rendered Services, use "dormouse diff -f"`,
      );
    return there.filter(({ metadata }) => names.length === 0 || names.includes(metadata.name));
  }
}
