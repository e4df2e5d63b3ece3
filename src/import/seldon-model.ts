import { apiVersion, inferenceModels } from '#api/group.ts';
import { count } from '#api/schema/scalars.ts';
import { formatName } from '#api/v1alpha1/model.ts';
import type { InferenceRuntime } from '#api/v1alpha1/runtime.ts';
import type { InferenceModelSpecInput } from '#api/v1alpha1/spec.ts';
import { compact } from './compact.ts';
import { readMetadata } from './metadata.ts';
import { NotConvertibleError } from './reasons.ts';
import type { Source } from './source.ts';
import { readUri } from './storage.ts';

/**
 * A Model of Seldon Core v2 as an InferenceModel.
 * @throws NotConvertibleError for one that works on another model, or whose model is in its server already
 */
export function convertSeldonModel(from: Source, catalogue: readonly InferenceRuntime[]): object[] {
  const spec = from.at('spec');
  for (const name of ['explainer', 'llm'])
    if (spec.at(name).exists)
      throw new NotConvertibleError(spec.at(name).path, 'server', 'it works on another model');
  const preloaded = spec.at('preloaded');
  if (preloaded.exists && !preloaded.takeIf(false))
    throw new NotConvertibleError(preloaded.path, 'storage', 'its server has it already');
  const location = readUri(spec.at('storageUri'));
  const format = readFormat(spec, catalogue);
  from.at('status').settle('by-cluster');
  spec.at('logger').settle('agent');
  spec.at('secretName').settle('credentials');
  if (!spec.at('dedicated').takeIf(false)) spec.at('dedicated').settle('own-server');
  for (const name of ['server', 'memory']) spec.at(name).settle('own-server');
  const { name, namespace, ...carried } = readMetadata(from.at('metadata'));
  return [
    {
      apiVersion,
      kind: inferenceModels.kind,
      metadata: { name, ...compact({ namespace, ...carried }) },
      spec: {
        model: { format, ...location },
        ...compact({ runtime: runtimeOf(format), scale: readScale(spec) }),
      },
    },
  ];
}

/** Formats that Triton serves there, from a folder of versions, where ours takes one of them. */
const ofTriton = ['onnx', 'pytorch', 'tensorflow', 'tensorrt'];

function runtimeOf(format: string): InferenceModelSpecInput['runtime'] {
  if (ofTriton.includes(format)) return { name: `triton-${format}`, layout: { folder: '$(MODEL_NAME)' } };
  // Ours has language models in mind; there it is MLServer, whose settings lie beside the model.
  return format === 'huggingface' ? { name: 'mlserver-huggingface' } : undefined;
}

/** What a model requires of a server is its format, and whatever else its server can do. */
function readFormat(spec: Source, catalogue: readonly InferenceRuntime[]): string {
  const known = new Set(catalogue.flatMap((runtime) => runtime.spec.formats.map(({ name }) => name)));
  const type = spec.at('modelType');
  const candidates = [...(type.exists ? [type] : []), ...spec.at('requirements').items()];
  const chosen = candidates.find((item) => [...known].some((name) => item.is(name))) ?? candidates[0];
  const format = chosen?.read(formatName);
  if (format === undefined)
    throw new NotConvertibleError('spec.requirements', 'server', 'its model has no format');
  // The same again says nothing more.
  for (const item of candidates) item.takeIf(format);
  return format;
}

function readScale(spec: Source): InferenceModelSpecInput['scale'] {
  const [replicas, least, most] = [spec.at('replicas'), spec.at('minReplicas'), spec.at('maxReplicas')];
  for (const bound of [least, most]) bound.takeIf(0);
  const max = most.settled ? undefined : most.read(count);
  const min = least.settled ? undefined : least.read(count);
  if (min !== undefined || max !== undefined) replicas.settle('ignored', 'it moves between the bounds');
  if (!least.exists && !replicas.exists) replicas.note('default', '1');
  const fixed = replicas.settled ? undefined : replicas.read(count);
  return compact({ minReplicas: min ?? fixed ?? 1, maxReplicas: max ?? fixed });
}
