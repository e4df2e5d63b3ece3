import { parseInferenceModel } from '../../api/inferencemodel.ts';
import { ProblemsError } from '../../api/problems.ts';
import { refusedModel } from '../../diff/model-diff.ts';
import { sidecarRequests } from '../../diff/sidecar.ts';
import { type ModelUpgrade, upgradeOf } from '../../diff/upgrade.ts';
import type { StoredModel } from '../../reconcilers/resources.ts';
import type { Environment } from '../../synth/environment.ts';
import type { Against } from '../against.ts';
import { type ClusterState, environmentOf } from '../cluster-state.ts';
import { PlainError } from '../errors.ts';
import { standingOf } from '../model-standing.ts';

export interface PlanOptions extends Pick<Environment, 'fetcherImage' | 'allowance'> {
  readonly against: Against;
  /** Models; all if empty. */
  readonly names: readonly string[];
  /** All namespaces if left out. */
  readonly namespace: string | undefined;
}

/**
 * What models would become if they adopted what this version makes of them.
 * @throws PlainError where there are no such models, or the cluster cannot be read
 */
export async function planOf(options: PlanOptions): Promise<ModelUpgrade[]> {
  const { against, namespace, names, fetcherImage, allowance } = options;
  const state = await against.read(namespace === undefined ? undefined : [namespace]);
  const environment = {
    ...environmentOf(state),
    fetcherImage,
    allowance,
    sidecar: sidecarRequests(state.settings['config-deployment']),
  };
  return chosen(state, options).map((stored) => {
    const { name, namespace: of } = stored.metadata;
    try {
      const model = parseInferenceModel(stored);
      return upgradeOf(model, environment, standingOf(model, state));
    } catch (error) {
      if (!(error instanceof ProblemsError)) throw error;
      return { state: 'refused', diff: refusedModel({ name, namespace: of }, error.problems) };
    }
  });

  function chosen({ models }: ClusterState, { against: { where } }: PlanOptions): StoredModel[] {
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
        `there are no InferenceModels in ${place}; of rendered Services, "dormouse diff -f" tells it`,
      );
    return there.filter(({ metadata }) => names.length === 0 || names.includes(metadata.name));
  }
}
