import type { InferenceRuntime } from '#api/v1alpha1/runtime.ts';
import type { OperatorSettings } from '#operator/reconciler.ts';
import { dormouseChecks } from './dormouse.ts';
import { areOperatorsKnown, flagChecks, type JudgedModel, modelVerdicts, runtimeChecks } from './models.ts';
import { platformChecks } from './platform.ts';
import type { Snapshot } from './snapshot.ts';
import type { Surroundings } from './surroundings.ts';
import { gathered, type Verdict } from './verdict.ts';

export interface Examination {
  readonly snapshot: Snapshot;
  /** What `render` knows, for a cluster that has no runtimes yet. */
  readonly builtIn: readonly InferenceRuntime[];
  /** Models that are to run there. */
  readonly models: readonly JudgedModel[];
  /** What is around each of them. */
  readonly surroundings: ReadonlyMap<JudgedModel, Surroundings>;
  /** Settings of the operator, if not those of its Deployment. */
  readonly operatorSettings?: OperatorSettings | undefined;
}

/** All that there is to say of a cluster, from one look at it. */
export function examine({
  snapshot,
  builtIn,
  models,
  surroundings,
  operatorSettings,
}: Examination): Verdict[] {
  const known = areOperatorsKnown(snapshot, operatorSettings);
  return [
    ...gathered([
      ...[...platformChecks, ...dormouseChecks].flatMap((check) => check(snapshot)),
      ...runtimeChecks(snapshot, builtIn),
      ...flagChecks(snapshot, builtIn),
    ]),
    ...models.flatMap((model) => modelVerdicts(model, surroundings.get(model), known)),
  ];
}
