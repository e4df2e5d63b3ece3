import { ProblemsError } from '#base/problems.ts';
import type { Setting } from '#knative/setting.ts';

/** A model that this cluster, as it is, cannot run. Each problem says what to write or to set instead. */
export class UnsupportedError extends ProblemsError {
  override readonly name = 'UnsupportedError';
  /** Settings of the cluster with which it could. */
  readonly settings: readonly Setting[];

  constructor(problems: readonly string[], settings: readonly Setting[] = []) {
    super(problems);
    this.settings = settings;
  }
}
