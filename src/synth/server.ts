import type { Container } from '#api/v1alpha1/container.ts';
import type { InferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import type { Layout } from '#api/v1alpha1/layout.ts';
import type { Resources } from '#api/v1alpha1/resources.ts';
import type { InferenceRuntime } from '#api/v1alpha1/runtime.ts';
import type { InferenceModelSpec } from '#api/v1alpha1/spec.ts';
import { volumeFolder } from './pod/fetcher.ts';
import { readyPathOf } from './pod/probes.ts';
import { chooseRuntime, fullName } from './runtime.ts';
import { UnsupportedError } from './unsupported.ts';

/** What is run for a model, before it is a pod. */
export interface Server {
  readonly container: Container;
  readonly resources: Resources | undefined;
  /** Where its model is put: in which folder, and under which name if it is one file. */
  readonly folder: string;
  readonly file: string | undefined;
  /** Unset for a container of the user's own. */
  readonly runtime?: InferenceRuntime;
}

/**
 * The user's own container, or that of a runtime with what the model wrote over it.
 * @throws UnsupportedError where no runtime fits
 */
export function serverOf({ metadata, spec }: InferenceModel, runtimes: readonly InferenceRuntime[]): Server {
  if (spec.container)
    return {
      container: spec.container,
      resources: spec.resources,
      folder: volumeFolder,
      file: undefined,
    };
  const runtime = chooseRuntime(spec, runtimes);
  const forModel = (text: string) => text.replaceAll('$(MODEL_NAME)', metadata.name);
  const { folder, file }: Layout = { ...runtime.spec.layout, ...spec.runtime?.layout };
  const at = folder === undefined ? volumeFolder : `${volumeFolder}/${forModel(folder)}`;
  const container = transported(spec, runtime);
  const { readiness } = container;
  const { env = [], image, command, args } = spec.runtime ?? {};
  const told = [
    { name: 'MODEL_NAME', value: metadata.name },
    { name: 'MODEL_DIR', value: at },
    { name: 'MODEL_URI', value: spec.model?.uri ?? '' },
  ];
  const written = new Set(env.map((variable) => variable.name));
  const kept = [...told, ...(runtime.spec.container.env ?? [])].filter(({ name }) => !written.has(name));
  return {
    container: {
      ...container,
      // Kubernetes fills in variables in commands and variables alone.
      ...(readiness && { readiness: { ...readiness, path: forModel(readiness.path) } }),
      ...(image && { image }),
      // An empty list is none, as everywhere.
      ...(command?.length && { command }),
      ...(args?.length && { args }),
      env: [...kept, ...env],
    },
    resources: merged(runtime.spec.resources, spec.resources),
    folder: at,
    file,
    runtime,
  };
}

/** Who asks for a device has not said that they need no memory. */
const merged = (given: Resources | undefined, written: Resources | undefined): Resources => ({
  requests: { ...given?.requests, ...written?.requests },
  limits: { ...given?.limits, ...written?.limits },
});

/** The container of a runtime, on the port that speaks what the model asks for. */
function transported({ runtime: asked }: InferenceModelSpec, runtime: InferenceRuntime): Container {
  const { container, grpcPort } = runtime.spec;
  const { transport = 'http1', port = 8080 } = container;
  if (asked?.transport === undefined || asked.transport === transport) return container;
  if (asked.transport === 'http1' || grpcPort === undefined)
    throw new UnsupportedError([
      `spec.runtime.transport: ${fullName(runtime)} speaks ${transport} only: leave it out`,
    ]);
  const path = readyPathOf(container);
  return { ...container, transport: 'h2c', port: grpcPort, ...(path && { readiness: { path, port } }) };
}
