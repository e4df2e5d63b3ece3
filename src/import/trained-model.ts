import * as z from 'zod';
import type { ImportContext } from './context.ts';
import { convertInferenceService } from './inference-service.ts';
import { kserveChoice, shippedRuntimes } from './kserve-runtimes.ts';
import { readMetadata } from './metadata.ts';
import { findModel, readRequest } from './predictor-model.ts';
import { NotConvertibleError, type Remark } from './reasons.ts';
import { Source } from './source.ts';

type Json = Readonly<Record<string, unknown>>;

interface Trained {
  readonly objects: object[];
  /** What is not carried over of the InferenceService. */
  readonly remarks: readonly Remark[];
}

/**
 * A TrainedModel, which an InferenceService of many models would load, as an InferenceModel that has all else of that
 * InferenceService.
 * @throws NotConvertibleError where that is not in the input, or serves a model of its own
 */
export function convertTrainedModel(
  from: Source,
  service: object | undefined,
  context: ImportContext,
): Trained {
  const spec = from.at('spec');
  const server = spec.at('inferenceService');
  const named = server.read(z.string()) ?? '';
  if (!service)
    throw new NotConvertibleError(server.path, 'server', `add the InferenceService ${named} to the input`);
  from.at('status').settle('by-cluster');
  spec.at('model', 'memory').settle('own-server');
  const framework = spec.at('model', 'framework').read(z.string());
  const storageUri = spec.at('model', 'storageUri').read(z.string());
  const { name, namespace, labels, annotations } = readMetadata(from.at('metadata'));
  const metadata = { name, namespace, labels, annotations };
  const whole = new Source(withModel(service as Json, { metadata, framework, storageUri }, context));
  const objects = convertInferenceService(whole, context);
  return { objects: isOfTriton(service) ? objects.map(inFolder) : objects, remarks: whole.remarks() };
}

interface Model {
  readonly metadata: Json;
  readonly framework: string | undefined;
  readonly storageUri: string | undefined;
}

/** The InferenceService as it would be for this model alone: with its runtime, its arguments and its scale. */
function withModel(service: Json, { metadata, framework, storageUri }: Model, context: ImportContext): Json {
  const predictor = new Source(service).at('spec', 'predictor');
  const server = findModel(predictor);
  if (!server) throw new NotConvertibleError(predictor.path, 'server');
  const { namespace } = metadata;
  const request = readRequest(predictor, server, typeof namespace === 'string' ? namespace : undefined);
  const runtime =
    request.runtime ??
    kserveChoice(request, context.runtimes)?.metadata.name ??
    shippedRuntimes.get(request.format);
  const { predictor: written, ...spec } = service.spec as { readonly predictor: Json };
  const field = server.path.split('.').at(-1) ?? '';
  const { [field]: own, ...rest } = written;
  const model = { ...(own as Json), modelFormat: { name: framework }, runtime, storageUri };
  const { labels, annotations } = service.metadata as Json;
  return {
    metadata: {
      ...metadata,
      labels: { ...(labels as Json), ...(metadata.labels as Json) },
      annotations: { ...(annotations as Json), ...(metadata.annotations as Json) },
    },
    spec: { ...spec, predictor: { ...rest, model } },
  };
}

const isOfTriton = (service: object) => {
  const predictor = new Source(service).at('spec', 'predictor');
  return predictor.at('triton').exists || predictor.at('model', 'modelFormat', 'name').is('triton');
};

/** KServe's agent puts each model into a folder of its name, of which Triton makes a repository. */
function inFolder(object: object): object {
  const { spec } = object as { readonly spec: { readonly runtime?: object } };
  return { ...object, spec: { ...spec, runtime: { ...spec.runtime, layout: { folder: '$(MODEL_NAME)' } } } };
}
