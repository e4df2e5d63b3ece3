import type { InferenceRuntime } from '#api/v1alpha1/runtime.ts';
import type { InferenceModelSpec } from '#api/v1alpha1/spec.ts';
import { chooseRuntime, fullName } from '#synth/runtime.ts';
import { compact } from './compact.ts';
import { shippedRuntimes } from './kserve-builtin.ts';
import type { Asked } from './runtime-overrides.ts';
import type { Source } from './source.ts';

type Runtime = NonNullable<InferenceModelSpec['runtime']>;

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
export function substitute(server: Source, asked: Asked, catalogue: readonly InferenceRuntime[]): Runtime {
  const { format, env, devices } = asked;
  for (const name of ['image', 'runtimeVersion', 'command', 'args', 'ports'])
    server.at(name).say('runtime-absent');
  const version = server.at('modelFormat', 'version');
  if (version.exists && asked.runtime === undefined) version.note('selection');
  const found = substitutes.get(format);
  const isOwn = asked.runtime !== undefined && !replaced.includes(asked.runtime);
  const serving = found && !isOwn && servingOf(found, format, catalogue);
  if (serving && (found.name === undefined || devices.length === 0)) {
    server.note('substitute', fullName(serving));
    const { protocol } = serving.spec.container;
    if (protocol !== undefined && !asked.protocol.endsWith(protocol))
      server.note('protocol', `${protocol} instead of ${asked.protocol}`);
    const isGrpc = asked.protocol.startsWith('grpc') && serving.spec.grpcPort !== undefined;
    return compact({ ...found, env: [...env], transport: isGrpc ? ('h2c' as const) : undefined });
  }
  return compact({ name: asked.runtime ?? shippedRuntimes.get(format), env: [...env] });
}

const servingOf = ({ name }: Runtime, format: string, catalogue: readonly InferenceRuntime[]) =>
  catalogue.some(({ spec }) => spec.formats.some((known) => known.name === format))
    ? chooseRuntime({ model: { format, uri: '' }, ...(name && { runtime: { name } }) }, catalogue)
    : undefined;
