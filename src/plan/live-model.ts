import type { FoundTemplate } from '#knative/objects.ts';

/** A Revision that exists. */
export interface LiveRevision {
  readonly name: string;
  /** How many there are now; unset where that is not known. */
  readonly pods?: number | undefined;
  /** Unset where only its name is known. */
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly spec?: unknown;
}

/** What runs of a model now. */
export interface LiveModel {
  /** Of the InferenceModel, where the cluster has it. */
  readonly uid?: string | undefined;
  /** Of its Knative Service; unset where there is none. */
  readonly template?: FoundTemplate | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly traffic?: readonly unknown[] | undefined;
  readonly revisions: readonly LiveRevision[];
}
