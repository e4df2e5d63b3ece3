import type { InferenceRuntime } from '#api/v1alpha1/runtime.ts';
import type { KserveRuntime } from './serving-runtime.ts';

/** What the models of the input ask of a runtime, of which KServe's own says nothing. */
export interface RuntimeUse {
  readonly devices: Set<string>;
  grpcPort: number | undefined;
}

/** What the objects of an input share. */
export interface World {
  /** Those of the input. */
  readonly runtimes: readonly KserveRuntime[];
  /** Those that are there in any case. */
  readonly catalogue: readonly InferenceRuntime[];
  /** By the names of runtimes; models write into it what they ask for. */
  readonly uses: Map<string, RuntimeUse>;
}

export function useOf(name: string, { uses }: Pick<World, 'uses'>): RuntimeUse {
  const use = uses.get(name) ?? { devices: new Set(), grpcPort: undefined };
  uses.set(name, use);
  return use;
}
