import type { InferenceRuntime } from '#api/v1alpha1/runtime.ts';
import type { OperatorSettings } from '#operator/reconciler.ts';
import type { SourceDocument } from '../input/documents.ts';
import { dormouseChecks } from './dormouse.ts';
import { modelChecks, runtimeChecks } from './models.ts';
import { platformChecks } from './platform.ts';
import type { Snapshot } from './snapshot.ts';
import type { Verdict } from './verdict.ts';

export interface Examination {
  readonly snapshot: Snapshot;
  /** What `render` knows, for a cluster that has no runtimes yet. */
  readonly builtIn: readonly InferenceRuntime[];
  /** Models that shall run there. */
  readonly documents: readonly SourceDocument[];
  /** What the operator is told at its start, if not what its Deployment says. */
  readonly operatorSettings?: OperatorSettings | undefined;
}

/** All that there is to say of a cluster, from one look at it. */
export function examine({ snapshot, builtIn, documents, operatorSettings }: Examination): Verdict[] {
  return [
    ...[...platformChecks, ...dormouseChecks].flatMap((check) => check(snapshot)),
    ...runtimeChecks(snapshot, builtIn),
    ...modelChecks(snapshot, builtIn, documents, operatorSettings),
  ];
}
