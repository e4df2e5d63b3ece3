import * as z from 'zod';
import { formatName } from '#api/v1alpha1/model.ts';
import type { Resources } from '#api/v1alpha1/resources.ts';
import type { InferenceRuntime } from '#api/v1alpha1/runtime.ts';
import type { InferenceModelSpecInput } from '#api/v1alpha1/spec.ts';
import { devicesOf } from '#synth/accelerator.ts';
import { chooseRuntime, fullName } from '#synth/runtime.ts';
import { compact } from './compact.ts';
import type { Connection } from './connections.ts';
import { readResources, readUnimportant, readVariables } from './container.ts';
import { type ImportContext, useOf } from './context.ts';
import { shippedRuntimes } from './kserve-runtimes.ts';
import { readVolumes } from './pod.ts';
import { NotConvertibleError } from './reasons.ts';
import { overrides, type RuntimeRequest, wholeServer } from './runtime-overrides.ts';
import type { KserveRuntime } from './serving-runtime.ts';
import type { Source } from './source.ts';
import { readLocation } from './storage.ts';
import type { TemplateValues } from './template.ts';

/** Fields of a predictor that stand for a format, and the protocol that a model of it has unless it says another. */
const frameworks = new Map([
  ['sklearn', 'v1'],
  ['xgboost', 'v1'],
  ['tensorflow', 'v1'],
  ['pytorch', 'v1'],
  ['triton', 'v2'],
  ['onnx', 'v2'],
  ['huggingface', 'v2'],
  ['pmml', 'v1'],
  ['lightgbm', 'v1'],
  ['paddle', 'v1'],
]);

/** The part of a predictor that says which model is served; undefined where it has a container of its own. */
export const findModel = (predictor: Source): Source | undefined =>
  ['model', ...frameworks.keys()].map((name) => predictor.at(name)).find(({ exists }) => exists);

/**
 * What a model asks of its runtime.
 * @throws NotConvertibleError where it has no format
 */
export function readRequest(
  predictor: Source,
  server: Source,
  namespace: string | undefined,
): RuntimeRequest {
  const resources: Resources = readResources(server);
  return {
    ...readFormat(predictor, server),
    runtime: server.at('runtime').read(z.string()),
    namespace,
    env: readVariables(server.at('env')),
    resources,
    devices: devicesOf({ resources }),
  };
}

type Converted = Pick<InferenceModelSpecInput, 'model' | 'container' | 'runtime' | 'resources' | 'pod'>;

/** Where a model is written, and with what it is read. */
interface Place {
  readonly predictor: Source;
  readonly server: Source;
  readonly connection: Connection | undefined;
}

/**
 * A model that a runtime serves, or the container of a server that fetches its model itself.
 * @throws NotConvertibleError where there is no model, or it lies where none can
 */
export function convertModel(
  { predictor, server, connection }: Place,
  request: RuntimeRequest,
  chosen: KserveRuntime | undefined,
  values: TemplateValues,
  context: ImportContext,
): Converted {
  const location = readLocation(predictor, server, connection);
  readUnimportant(server);
  // What else KServe would choose by.
  if (request.runtime !== undefined)
    for (const field of [server.at('protocolVersion'), server.at('modelFormat', 'version')])
      if (field.exists) field.note('selection');
  if (!location) {
    const runtime = ofServerWithModel(server, request, chosen);
    server.note('own-model');
    return wholeServer(predictor, server, runtime, request, values);
  }
  for (const name of runtimeFields) server.at(name).settle('runtime-field');
  if (chosen) for (const device of request.devices) useOf(chosen.becomes, context).devices.add(device);
  const runtime = chosen
    ? overrides(server, chosen, request, values, useOf(chosen.becomes, context))
    : substitute(server, request, context.catalogue);
  const { format, resources } = request;
  // A volume that the runtime mounts may be another one.
  const mounted = chosen?.container.volumeMounts?.map(({ name }) => name);
  const { volumes } = readVolumes(predictor, undefined, mounted);
  return { model: { format, ...location }, ...compact({ runtime, resources, pod: compact({ volumes }) }) };
}

/** Fields of a container that a model does not change of its runtime. */
const runtimeFields = [
  ...['readinessProbe', 'startupProbe', 'livenessProbe', 'securityContext', 'volumeMounts', 'workingDir'],
];

/** Formats of KServe's servers that hold many models, which an agent gives them. */
const multiModelFormats = new Set([
  ...['sklearn', 'xgboost', 'lightgbm', 'mlflow', 'pmml', 'paddle'],
  ...['tensorflow', 'pytorch', 'triton', 'onnx', 'tensorrt'],
]);
/** An argument that names a model, and not the folder where KServe would put one. */
const modelArgument = /^--?model[-_]?(id|path|repository|repo|store|uri|dir)?(=(?!\/mnt\/models)|$)/;

/**
 * The runtime of a model that names no storage: its server brings the model itself, as those of Hugging Face and NIM do.
 * KServe takes every other format for a server of many models (pkg/controller/v1beta1/inferenceservice/utils/utils.go,
 * `IsMMSPredictor`).
 */
function ofServerWithModel(
  server: Source,
  request: RuntimeRequest,
  chosen: KserveRuntime | undefined,
): KserveRuntime {
  const args = [
    ...server
      .at('args')
      .items()
      .map(({ text }) => text),
    ...(chosen?.container.args ?? []),
  ];
  const namesModel = args.some((text) => text !== undefined && modelArgument.test(text));
  if (multiModelFormats.has(request.format) && !namesModel)
    throw new NotConvertibleError(server.path, 'multi-model', 'it names no model');
  if (chosen) return chosen;
  const name = request.runtime ?? shippedRuntimes.get(request.format);
  const runtime = name === undefined ? 'its ServingRuntime' : `the ServingRuntime ${name}`;
  throw new NotConvertibleError(
    server.path,
    'server',
    `its server fetches the model itself: add ${runtime} to the input`,
  );
}

function readFormat(predictor: Source, server: Source) {
  const protocol = server.at('protocolVersion').read(z.string());
  const [framework, usual] = [...frameworks].find(([name]) => server === predictor.at(name)) ?? [];
  if (framework !== undefined) return { format: framework, protocol: protocol ?? usual ?? 'v1' };
  const from = server.at('modelFormat', 'name');
  const format = from.read(z.string().toLowerCase().pipe(formatName));
  if (format === undefined) throw new NotConvertibleError(from.path, 'server', 'its model has no format');
  return {
    format,
    version: server.at('modelFormat', 'version').read(z.string()),
    protocol: protocol ?? (format === 'triton' ? 'v2' : 'v1'),
  };
}

type Runtime = NonNullable<InferenceModelSpecInput['runtime']>;

/** Formats of which a built-in runtime reads the same files as that of KServe, and how these lie there. */
const substitutes = new Map<string, Runtime>([
  ['sklearn', {}],
  ['xgboost', {}],
  ['lightgbm', {}],
  ['mlflow', {}],
  // A folder of versions, where ours takes one of them.
  ['tensorflow', { name: 'tfserving', layout: { folder: '$(MODEL_NAME)' } }],
]);
/** Those of KServe whose place they can take. */
const replaced = ['sklearnserver', 'xgbserver', 'lgbserver', 'mlserver', 'tensorflow-serving'].map(
  (name) => `kserve-${name}`,
);

/**
 * What serves a model whose runtime is not in the input: a built-in one where that reads the same files, or else the
 * one that the model names, or KServe has for its format, which must be brought. Of the variables of the model nothing
 * says that they are for one server alone.
 */
export function substitute(
  server: Source,
  request: RuntimeRequest,
  catalogue: readonly InferenceRuntime[],
): Runtime {
  const { format, env, devices } = request;
  for (const name of ['image', 'runtimeVersion', 'command', 'args', 'ports'])
    server.at(name).settle('runtime-absent');
  const version = server.at('modelFormat', 'version');
  if (version.exists && request.runtime === undefined) version.note('selection');
  const found = substitutes.get(format);
  const isOwn = request.runtime !== undefined && !replaced.includes(request.runtime);
  const serving = found && !isOwn && servingOf(found, format, catalogue);
  if (serving && (found.name === undefined || devices.length === 0)) {
    server.note('substitute', fullName(serving));
    const { protocol } = serving.spec.container;
    if (protocol !== undefined && !request.protocol.endsWith(protocol))
      server.note('protocol', `${protocol} instead of ${request.protocol}`);
    const isGrpc = request.protocol.startsWith('grpc') && serving.spec.grpcPort !== undefined;
    return compact({ ...found, env: [...env], transport: isGrpc ? ('h2c' as const) : undefined });
  }
  return compact({ name: request.runtime ?? shippedRuntimes.get(format), env: [...env] });
}

const servingOf = ({ name }: Runtime, format: string, catalogue: readonly InferenceRuntime[]) =>
  catalogue.some(({ spec }) => spec.formats.some((known) => known.name === format))
    ? chooseRuntime({ model: { format, uri: '' }, ...(name && { runtime: { name } }) }, catalogue)
    : undefined;
