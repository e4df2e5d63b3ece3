import type { Container } from '#api/v1alpha1/container.ts';
import type { InferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import type { Layout } from '#api/v1alpha1/layout.ts';
import type { Model } from '#api/v1alpha1/model.ts';
import type { PodSettings } from '#api/v1alpha1/pod.ts';
import type { Probe } from '#api/v1alpha1/probe.ts';
import type { InferenceProfile } from '#api/v1alpha1/profile.ts';
import type { Resources } from '#api/v1alpha1/resources.ts';
import type { InferenceRuntime } from '#api/v1alpha1/runtime.ts';
import type { Environment } from './environment.ts';
import { type Layer, type MergedField, mergeLayers } from './merge.ts';
import { volumeFolder } from './pod/model-volume.ts';
import { modelReadyPaths } from './pod/probes.ts';
import { chooseProfile, sourceOf } from './profile.ts';
import { chooseRuntime, fullName } from './runtime.ts';
import { UnsupportedError } from './unsupported.ts';

/** What a runtime, a profile and a model each may say of a server. */
interface ServerSettings {
  readonly container?: Partial<Container> | undefined;
  readonly resources?: Resources | undefined;
  readonly pod?: PodSettings | undefined;
  readonly layout?: Layout | undefined;
}

/** What is run for a model, before it is a pod. */
export interface Server {
  readonly container: Container;
  readonly resources: Resources;
  readonly pod: PodSettings;
  /** Where its model is put: in which folder, and under which name if it is one file. */
  readonly folder: string;
  readonly file: string | undefined;
  /** Whether the server may write into that folder. */
  readonly isWritable: boolean;
  /** Where the model is, and with what it is read. */
  readonly source: Model | undefined;
  /** Unset for a container of the user's own. */
  readonly runtime: InferenceRuntime | undefined;
  readonly profile: InferenceProfile | undefined;
  /** Where a field was written, such as `spec.pod.tolerations`, for sentences. */
  readonly whose: (path: string) => string;
  /** Each value that was merged, and whose it is. */
  readonly fields: readonly MergedField[];
}

/**
 * The server of a model, in which the model wins over its profile, and that over its runtime.
 * @throws UnsupportedError where no runtime fits, or the profile is not there
 */
export function mergedServer(
  model: InferenceModel,
  { runtimes, profiles }: Pick<Environment, 'runtimes' | 'profiles'>,
): Server {
  const { metadata, spec } = model;
  const profile = chooseProfile(spec.profile, profiles);
  const runtime = spec.container ? undefined : chooseRuntime(withDevices(spec, profile), runtimes);
  const fields: MergedField[] = [];
  const layers: readonly (Layer<ServerSettings> | undefined)[] = [
    runtime && { source: `InferenceRuntime ${fullName(runtime)}`, value: runtimeSettings(runtime, spec) },
    profile && {
      source: `InferenceProfile ${profile.name}`,
      value: { resources: profile.spec.resources, pod: profile.spec.pod },
    },
    { source: 'model', value: modelSettings(model) },
  ];
  const merged = mergeLayers(
    layers.filter((layer) => layer !== undefined),
    (field) => fields.push(field),
  );
  const forModel = (text: string) => text.replaceAll('$(MODEL_NAME)', metadata.name);
  const folder = [volumeFolder, ...(merged.layout?.folder ? [forModel(merged.layout.folder)] : [])].join('/');
  const container = merged.container as Container;
  return {
    container: runtime ? forRuntime(container, model, folder) : container,
    resources: merged.resources ?? {},
    pod: merged.pod ?? {},
    folder: runtime ? folder : volumeFolder,
    file: runtime && merged.layout?.file,
    isWritable: merged.layout?.writable ?? false,
    source: spec.model && sourceOf(spec.model, profile),
    runtime,
    profile,
    whose: (path) => whose(path, fields, spec.container === undefined),
    fields,
  };
}

/** With the devices that a profile gives to models that ask for none: the runtime must run on them. */
function withDevices(spec: InferenceModel['spec'], profile: InferenceProfile | undefined) {
  const limits = { ...profile?.spec.resources?.limits, ...spec.resources?.limits };
  return { ...spec, resources: { ...spec.resources, limits } };
}

/** What a model says of its server: its container, or what it puts in the place of its runtime's. */
function modelSettings({ spec }: InferenceModel): ServerSettings {
  const { container, runtime, resources, pod } = spec;
  const { image, command, args, env, envFrom, layout } = runtime ?? {};
  return {
    container: container ?? { image, command, args, env, envFrom },
    resources,
    pod,
    layout,
  };
}

/** What a runtime says, on the port that speaks what the model asks for. Ready is the model, not its server. */
function runtimeSettings(
  runtime: InferenceRuntime,
  { runtime: asked }: InferenceModel['spec'],
): ServerSettings {
  const { resources, layout, grpcPort, pod } = runtime.spec;
  const { transport = 'http1', port = 8080, protocol } = runtime.spec.container;
  const readiness =
    runtime.spec.container.readiness ?? (protocol && { http: { path: modelReadyPaths[protocol] } });
  const container = { ...runtime.spec.container, ...(readiness && { readiness }) };
  if (asked?.transport === undefined || asked.transport === transport)
    return { container, resources, layout, pod };
  if (asked.transport === 'http1' || grpcPort === undefined)
    throw new UnsupportedError([
      `spec.runtime.transport: ${fullName(runtime)} speaks ${transport} only: leave it out`,
    ]);
  // Its HTTP port answers for the same model.
  const overGrpc = {
    transport: 'h2c',
    port: grpcPort,
    ...(readiness && { readiness: onPort(readiness, port) }),
  } as const;
  return { container: { ...container, ...overGrpc }, resources, layout, pod };
}

/** A probe that asks the port of HTTP, where it says no other. */
const onPort = (probe: Probe, port: number): Probe =>
  probe.http ? { ...probe, http: { port, ...probe.http } } : probe;

/** Tells the server of a runtime which model it serves. Kubernetes fills variables into commands and variables alone. */
function forRuntime(container: Container, { metadata, spec }: InferenceModel, folder: string): Container {
  const { env = [], readiness } = container;
  const variables = [
    { name: 'MODEL_NAME', value: metadata.name },
    { name: 'MODEL_DIR', value: folder },
    { name: 'MODEL_URI', value: spec.model?.uri ?? '' },
  ];
  const written = new Set(env.map(({ name }) => name));
  const path = readiness?.http?.path.replaceAll('$(MODEL_NAME)', metadata.name);
  return {
    ...container,
    ...(readiness?.http && path && { readiness: { ...readiness, http: { ...readiness.http, path } } }),
    env: [...variables.filter(({ name }) => !written.has(name)), ...env],
  };
}

/** Where the value at a path was written: in the spec of the model, or in that of another object. */
function whose(path: string, fields: readonly MergedField[], hasRuntime: boolean): string {
  const { source = 'model' } = fields.findLast((field) => field.path.startsWith(path)) ?? {};
  if (source !== 'model') return `${source}: spec.${path}`;
  return `spec.${hasRuntime ? path.replace(/^container\./, 'runtime.') : path}`;
}
