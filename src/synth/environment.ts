import type { InferenceRuntime } from '#api/v1alpha1/runtime.ts';
import type { Capabilities } from '#knative/capabilities.ts';
import type { Allowance } from './allowance.ts';

/** What a model is synthesized for, besides itself. */
export interface Environment {
  readonly capabilities: Capabilities;
  readonly runtimes: readonly InferenceRuntime[];
  /** The image that has `dormouse fetch`. */
  readonly fetcherImage: string;
  readonly allowance: Allowance;
}
