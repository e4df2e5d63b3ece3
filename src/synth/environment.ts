import type { InferenceRuntime } from '../api/runtime.ts';
import type { Allowance } from './allowance.ts';
import type { Capabilities } from './capabilities.ts';

/** What a model is synthesized for, besides itself. */
export interface Environment {
  readonly capabilities: Capabilities;
  readonly runtimes: readonly InferenceRuntime[];
  /** The image that has `dormouse fetch`. */
  readonly fetcherImage: string;
  readonly allowance: Allowance;
}
