import * as z from 'zod';
import { type ContainerInput, container as containerSchema } from '#api/v1alpha1/container.ts';
import type { PodSettings } from '#api/v1alpha1/pod.ts';
import type { Resources } from '#api/v1alpha1/resources.ts';
import type { InferenceModelSpecInput } from '#api/v1alpha1/spec.ts';
import { mergeLayers } from '#synth/merge.ts';
import { compact } from './compact.ts';
import { readEnvFrom, readImage, readPorts, readStrings, type Variable } from './container.ts';
import type { RuntimeUse } from './context.ts';
import { additionOf, taggedImage, type Wanted } from './kserve-runtimes.ts';
import { readVolumes } from './pod.ts';
import { readProbes } from './probes.ts';
import { type KserveRuntime, speaksV2 } from './serving-runtime.ts';
import type { Source } from './source.ts';
import { expand, expandForAny, type TemplateValues } from './template.ts';

/** What a model asks of its runtime. */
export interface RuntimeRequest extends Wanted {
  readonly env: readonly Variable[];
  readonly resources: Resources;
  readonly devices: readonly string[];
}

const { workingDir } = containerSchema.shape;

type Overrides = NonNullable<InferenceModelSpecInput['runtime']>;

/** What of a runtime of the input is another for one model: KServe appends its arguments, and replaces all else. */
export function overrides(
  server: Source,
  runtime: KserveRuntime,
  request: RuntimeRequest,
  values: TemplateValues,
  use: RuntimeUse,
): Overrides {
  const { container, becomes } = runtime;
  const { fill, image, command, args, env } = merged(server, runtime, request, values);
  const depending = without(container.env ?? [], env).filter(({ value }) => dependsOnModel(value));
  return compact({
    name: becomes,
    image: image === container.image ? undefined : image,
    command: command.isOwn || command.texts.some(dependsOnModel) ? command.texts.map(fill) : undefined,
    args: args.isOwn || args.texts.some(dependsOnModel) ? args.texts.map(fill) : undefined,
    env: [...depending, ...env].map(fillVariable(fill)),
    envFrom: readEnvFrom(server),
    transport: readTransport(server, container, request, use),
  });
}

/** The server of a runtime of the input as a container of one model, which no runtime stands beside. */
export function wholeServer(
  predictor: Source,
  server: Source,
  runtime: KserveRuntime,
  request: RuntimeRequest,
  values: TemplateValues,
): { container: ContainerInput; resources: Resources; pod: PodSettings } {
  const { container, resources, grpcPort } = runtime;
  const { fill, image, command, args, env } = merged(server, runtime, request, values);
  const { volumes, volumeMounts } = readVolumes(
    predictor,
    server,
    container.volumeMounts?.map(({ name }) => name),
  );
  const own = compact({
    ...readProbes(server, container.port),
    workingDir: server.at('workingDir').read(workingDir.unwrap()),
    volumeMounts,
  });
  const port = { port: container.port ?? 8080, transport: container.transport ?? ('http1' as const) };
  const { grpcPort: ownGrpcPort, ...ownPort } = readPorts(server);
  const grpc = ownGrpcPort ?? grpcPort;
  const wantsGrpc = request.protocol.startsWith('grpc') && grpc !== undefined && ownPort.port === undefined;
  const listening = { ...port, ...ownPort, ...(wantsGrpc && { port: grpc, transport: 'h2c' as const }) };
  if (grpc !== undefined && !wantsGrpc) server.at('ports').note('second-port', String(grpc));
  return {
    container: {
      ...mergeLayers<ContainerInput>([
        { source: 'runtime', value: container },
        { source: 'model', value: own as ContainerInput },
      ]),
      image,
      ...compact({
        command: command.texts.map(fill),
        args: args.texts.map(fill),
        env: [...without(container.env ?? [], env), ...env].map(fillVariable(fill)),
        envFrom: [...(container.envFrom ?? []), ...readEnvFrom(server)],
        protocol: speaksV2(runtime) ? ('v2' as const) : undefined,
        port: listening.port === 8080 ? undefined : listening.port,
        transport: listening.transport === 'http1' ? undefined : listening.transport,
      }),
    },
    resources: compact({
      requests: { ...resources.requests, ...request.resources.requests },
      limits: { ...resources.limits, ...request.resources.limits },
    }),
    pod: mergeLayers<PodSettings>([
      { source: 'runtime', value: runtime.pod },
      { source: 'model', value: compact({ volumes }) },
    ]),
  };
}

/** Server and runtime put together; texts have their placeholders yet. `env` has the variables that are the model's. */
function merged(
  server: Source,
  { metadata, container }: KserveRuntime,
  { format, protocol, env, devices }: RuntimeRequest,
  { labels, ...values }: TemplateValues,
) {
  const addition = additionOf(metadata.name, { name: values.name, format, protocol });
  const fill = (text: string): string => {
    const result = expand(text, { ...values, labels: { ...labels, ...addition.labels } });
    if (result === undefined) server.note('placeholder', text);
    return result ?? '';
  };
  const image = taggedImage(readImage(server) ?? container.image, {
    version: server.at('runtimeVersion').read(z.string()),
    runtime: metadata.name,
    devices,
  });
  const [command, args] = [readStrings(server.at('command')), readStrings(server.at('args'))];
  return {
    fill,
    image,
    command: { isOwn: command.length > 0, texts: command.length > 0 ? command : (container.command ?? []) },
    args: { isOwn: args.length > 0, texts: [...(container.args ?? []), ...args] },
    env: [...without(addition.env, env), ...env],
  };
}

const dependsOnModel = (text: string | undefined) => text !== undefined && expandForAny(text) === undefined;

const without = (variables: readonly Variable[], others: readonly Variable[]) =>
  variables.filter(({ name }) => !others.some((other) => other.name === name));

const fillVariable =
  (fill: (text: string) => string) =>
  ({ value, ...variable }: Variable): Variable => ({
    ...variable,
    ...(value !== undefined && { value: fill(value) }),
  });

/** A model may ask for another port of its server, or for the protocol that is spoken there, which is gRPC. */
function readTransport(
  server: Source,
  container: ContainerInput,
  { protocol }: RuntimeRequest,
  use: RuntimeUse,
): 'h2c' | undefined {
  const own = { port: container.port ?? 8080, transport: container.transport ?? 'http1' };
  const { grpcPort, ...ports } = readPorts(server);
  const request = { ...own, ...ports };
  if (own.transport === 'h2c' && request.port === own.port) return undefined;
  if (request.port === own.port && request.transport === own.transport) {
    use.grpcPort ??= grpcPort;
    if (!protocol.startsWith('grpc')) return undefined;
    if (use.grpcPort !== undefined) return 'h2c';
    server.at('protocolVersion').note('protocol', 'no port of its runtime is called h2c or grpc');
    return undefined;
  }
  if (request.transport === 'h2c' && (use.grpcPort ?? request.port) === request.port) {
    use.grpcPort = request.port;
    return 'h2c';
  }
  server.at('ports').note('runtime-port', String(use.grpcPort ?? own.port));
  return undefined;
}
