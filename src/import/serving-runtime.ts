import * as z from 'zod';
import { apiVersion, inferenceRuntimes } from '#api/group.ts';
import type { ContainerInput } from '#api/v1alpha1/container.ts';
import { runtimeVersion } from '#api/v1alpha1/layout.ts';
import { formatName } from '#api/v1alpha1/model.ts';
import type { PodSettings } from '#api/v1alpha1/pod.ts';
import type { Resources } from '#api/v1alpha1/resources.ts';
import { compact } from './compact.ts';
import { readContainer, readResources, serverName, type Variable } from './container.ts';
import type { RuntimeUse } from './context.ts';
import { type Metadata, readGuards, readMetadata } from './metadata.ts';
import { readPod, readVolumes } from './pod.ts';
import { NotConvertibleError } from './reasons.ts';
import { readAnnotations } from './scaling.ts';
import type { Source } from './source.ts';
import { expandForAny } from './template.ts';

interface Format {
  readonly name: string;
  readonly version?: string | undefined;
  readonly autoSelect: boolean;
  readonly priority?: number | undefined;
}

/** A runtime of KServe as it was read. Its texts have placeholders, which are expand in for each model. */
export interface KserveRuntime {
  readonly metadata: Metadata;
  /** Name of the InferenceRuntime that it becomes. */
  readonly becomes: string;
  readonly formats: readonly Format[];
  readonly protocols: readonly string[];
  readonly container: ContainerInput;
  /** Where it also listens for gRPC. */
  readonly grpcPort: number | undefined;
  readonly resources: Resources;
  /** Annotations for Knative, which go to its models. */
  readonly annotations: Readonly<Record<string, string>>;
  /** Whether something on it guards who reaches its models. */
  readonly isGuarded: boolean;
  readonly pod: PodSettings;
}

/** Name of the InferenceRuntime that a runtime becomes; they all share one namespace, as it were. */
export const runtimeName = (name: string, namespace?: string): string =>
  (namespace === undefined ? name : `${namespace}-${name}`).replaceAll('.', '-');

/** @throws NotConvertibleError for what could serve no model here */
export function readServingRuntime(from: Source): KserveRuntime {
  const spec = from.at('spec');
  for (const [name, reason] of [
    ['workerSpec', 'multi-node'],
    ['multiModel', 'multi-model'],
    ['disabled', 'disabled'],
  ] as const) {
    const field = spec.at(name);
    if (field.exists && !field.takeIf(false)) throw new NotConvertibleError(field.path, reason);
  }
  from.at('status').settle('by-cluster');
  const marks = [from.at('metadata'), spec].flatMap((holder) => [
    holder.at('labels'),
    holder.at('annotations'),
  ]);
  const isGuarded = readGuards(...marks);
  const annotations = readAnnotations(spec.at('annotations'));
  const metadata = readMetadata(from.at('metadata'));
  if (spec.at('protocolVersions').exists) spec.at('protocolVersions').note('selection');
  return {
    metadata,
    becomes: becomes(from, metadata),
    formats: spec.at('supportedModelFormats').items().flatMap(readFormat),
    protocols: spec
      .at('protocolVersions')
      .items()
      .flatMap((item) => item.read(z.string()) ?? []),
    ...readServer(spec),
    annotations,
    isGuarded,
  };
}

function becomes(from: Source, { name, namespace }: Metadata): string {
  if (name === undefined) throw new NotConvertibleError('metadata.name', 'invalid', 'it has no name');
  const result = runtimeName(name, namespace);
  if (namespace !== undefined) from.at('metadata', 'namespace').note('cluster-scoped', result);
  else if (result !== name) from.at('metadata', 'name').note('renamed', result);
  return result;
}

function readFormat(from: Source): Format[] {
  const name = from.at('name').read(z.string().toLowerCase().pipe(formatName));
  if (name === undefined) return [];
  const [autoSelect, priority, version] = [from.at('autoSelect'), from.at('priority'), from.at('version')];
  const isSelected = autoSelect.takeIf(true);
  if (!isSelected) {
    autoSelect.takeIf(false);
    from.note('selection', 'it is so without autoSelect, too');
    priority.settle('ignored');
  }
  if (version.exists) version.note('selection');
  return [
    {
      name,
      version: version.read(z.string()),
      autoSelect: isSelected,
      priority: priority.settled ? undefined : priority.read(z.int().min(0).max(1000)),
    },
  ];
}

function readServer(spec: Source): Pick<KserveRuntime, 'container' | 'grpcPort' | 'resources' | 'pod'> {
  const containers = spec.at('containers').items();
  const server = containers.find((container) => container.at('name').is(serverName));
  if (!server) throw new NotConvertibleError('spec.containers', 'server', `none is called ${serverName}`);
  const other = containers.find((container) => container !== server);
  if (other) throw new NotConvertibleError(other.path, 'containers');
  const protocols = spec.at('protocolVersions').items();
  const speaksGrpcAlone = protocols.length > 0 && protocols.every((item) => /^grpc/.test(item.text ?? ''));
  const { volumes, volumeMounts } = readVolumes(spec, server);
  const { container, grpcPort } = readContainer(server, volumeMounts);
  return {
    container: speaksGrpcAlone ? { ...container, transport: 'h2c' } : container,
    grpcPort,
    resources: readResources(server),
    pod: compact({ ...readPod(spec), volumes }),
  };
}

/** Whether a runtime speaks v2 and nothing older, so that its ready path is that of v2. */
export const speaksV2 = ({ protocols }: KserveRuntime): boolean =>
  protocols.includes('v2') && !protocols.includes('v1');

/** The InferenceRuntime that a runtime becomes. */
export function makeRuntime(from: Source, runtime: KserveRuntime, { devices, grpcPort }: RuntimeUse): object {
  const { metadata, becomes: name, formats, container, resources } = runtime;
  const spec = from.at('spec');
  const texts = (field: 'command' | 'args') =>
    (container[field] ?? []).flatMap((text) => forAny(spec.at('containers'), text) ?? []);
  const env = (container.env ?? []).flatMap(({ value, ...variable }): Variable[] => {
    const text = value === undefined ? undefined : forAny(spec.at('containers'), value, variable.name);
    return value !== undefined && text === undefined
      ? []
      : [{ ...variable, ...(text !== undefined && { value: text }) }];
  });
  const isV2 = speaksV2(runtime);
  if (!isV2 && !container.readiness) spec.at('containers').note('readiness');
  if (!container.command) spec.at('containers').note('waiting');
  return {
    apiVersion,
    kind: inferenceRuntimes.kind,
    metadata: { name, ...compact({ labels: metadata.labels, annotations: metadata.annotations }) },
    spec: compact({
      version: versionOf(container.image),
      maturity: 'Experimental',
      formats: merged(formats),
      container: compact({
        ...container,
        command: texts('command'),
        args: texts('args'),
        env,
        protocol: isV2 ? 'v2' : undefined,
      }),
      grpcPort,
      resources,
      pod: runtime.pod,
      accelerator: devices.size > 0 ? { devices: [...devices].sort() } : undefined,
    }),
  };
}

function forAny(from: Source, text: string, name = text): string | undefined {
  const result = expandForAny(text);
  if (result === undefined) from.note('placeholder', name);
  return result;
}

/** One entry for each format, whatever versions of it are named. */
function merged(formats: readonly Format[]) {
  const names = [...new Set(formats.map(({ name }) => name))];
  return names.map((name) => {
    const priorities = formats.flatMap((format) => (format.name === name ? (format.priority ?? []) : []));
    return { name, ...(priorities.length > 0 && { priority: Math.max(...priorities) }) };
  });
}

/** The version of a server, which is the tag of its image. */
export function versionOf(image: string): string {
  const tag = /:([^/:@]+)(@|$)/.exec(image)?.[1];
  return runtimeVersion.safeParse(tag).data ?? 'latest';
}
