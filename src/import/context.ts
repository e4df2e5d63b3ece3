import type { InferenceRuntime } from '#api/v1alpha1/runtime.ts';
import type { Connections } from './connections.ts';
import type { KserveRuntime } from './serving-runtime.ts';

/** What the models of the input ask of a runtime. A ServingRuntime itself has no field for these. */
export interface RuntimeUse {
  readonly devices: Set<string>;
  grpcPort: number | undefined;
}

/** What the objects of one input share. */
export interface ImportContext {
  /** Those of the input. */
  readonly runtimes: readonly KserveRuntime[];
  /** The Secrets of the input. */
  readonly connections: Connections;
  /** The namespaces of objects that guard requests to models, and `undefined` for one that names none. */
  readonly guarded: ReadonlySet<string | undefined>;
  /** The built-in ones. */
  readonly catalogue: readonly InferenceRuntime[];
  /** By the names of runtimes. Each model adds what it asks for. */
  readonly uses: Map<string, RuntimeUse>;
}

export function useOf(name: string, { uses }: Pick<ImportContext, 'uses'>): RuntimeUse {
  const use = uses.get(name) ?? { devices: new Set(), grpcPort: undefined };
  uses.set(name, use);
  return use;
}
