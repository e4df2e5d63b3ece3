import type { Container } from '../api/container.ts';
import type { InferenceModel } from '../api/inferencemodel.ts';
import type { Resources } from '../api/resources.ts';
import type { InferenceRuntime } from '../api/runtime.ts';
import { chooseRuntime } from './runtime.ts';

/** Where the model lies in the file system of its server. */
export const modelFolder = '/mnt/models';

/** What is run for a model, before it is a pod. */
export interface Server {
  readonly container: Container;
  readonly resources: Resources | undefined;
  /** Unset for a container of the user's own. */
  readonly runtime?: InferenceRuntime;
}

/**
 * The user's own container, or that of a runtime with what the model wrote over it.
 * @throws RefusedError where no runtime fits
 */
export function serverOf({ metadata, spec }: InferenceModel, runtimes: readonly InferenceRuntime[]): Server {
  if (spec.container) return { container: spec.container, resources: spec.resources };
  const runtime = chooseRuntime(spec, runtimes);
  const { container } = runtime.spec;
  const { name: _, env = [], ...overrides } = spec.runtime ?? {};
  const told = [
    { name: 'MODEL_NAME', value: metadata.name },
    { name: 'MODEL_DIR', value: modelFolder },
    { name: 'MODEL_URI', value: spec.model?.uri ?? '' },
  ];
  const written = new Set(env.map((variable) => variable.name));
  const kept = [...told, ...(container.env ?? [])].filter((variable) => !written.has(variable.name));
  return {
    container: { ...container, ...overrides, env: [...kept, ...env] },
    resources: spec.resources ?? runtime.spec.resources,
    runtime,
  };
}
