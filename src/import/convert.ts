import { inferenceModels } from '#api/group.ts';
import { type InferenceModel, parseInferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import { type InferenceRuntime, parseInferenceRuntime } from '#api/v1alpha1/runtime.ts';
import { ProblemsError } from '#base/problems.ts';
import { capabilitiesOf } from '#knative/capabilities.ts';
import { makeTemplate } from '#synth/template.ts';
import { UnsupportedError } from '#synth/unsupported.ts';
import { type ImportContext, useOf } from './context.ts';
import { convertInferenceService } from './inference-service.ts';
import { type Kind, kindOf } from './kinds.ts';
import { NotConvertibleError, type Remark } from './reasons.ts';
import { convertSeldonModel } from './seldon-model.ts';
import { makeRuntime, readServingRuntime } from './serving-runtime.ts';
import { Source } from './source.ts';

/** An object of some API, and where it stands. */
export interface Document {
  readonly where: string;
  readonly value: object;
}

/** What a document has become. */
export interface ConversionResult {
  readonly where: string;
  readonly kind: string;
  /** With its namespace, as in `demo/iris`. */
  readonly name: string;
  /** `foreign`: it is of no API that is imported from. `read`: it is not, but models need what it has. */
  readonly result: 'converted' | 'refused' | 'read' | 'foreign';
  readonly objects: readonly object[];
  readonly remarks: readonly Remark[];
}

/**
 * Converts what one cluster would hold: models find their runtimes in it. There is one result for each document, in
 * their order.
 */
export function convert(
  documents: readonly Document[],
  catalogue: readonly InferenceRuntime[],
): ConversionResult[] {
  const entries = documents.map(entryOf);
  const read = entries.map(({ type, source }) =>
    attempt(() => (type.type === 'serving-runtime' ? readServingRuntime(source) : undefined)),
  );
  const runtimes = read.flatMap((runtime) =>
    runtime === undefined || runtime instanceof NotConvertibleError ? [] : [runtime],
  );
  const context: ImportContext = {
    runtimes,
    catalogue,
    uses: new Map(runtimes.map(({ becomes, grpcPort }) => [becomes, { devices: new Set(), grpcPort }])),
  };
  const models = entries.map((entry) => attempt(() => convertModel(entry, context)));
  // After the models, which may ask something of their runtimes.
  const made = entries.map(({ source }, index) => {
    const runtime = read[index];
    return runtime === undefined || runtime instanceof NotConvertibleError
      ? (runtime ?? models[index] ?? [])
      : [makeRuntime(source, runtime, useOf(runtime.becomes, context))];
  });
  const taken = new Set(catalogue.map(({ name }) => `InferenceRuntime ${name}`));
  const checked = made.map((objects) =>
    objects instanceof NotConvertibleError ? objects : attempt(() => check(objects, taken)),
  );
  const known = checked.flatMap((objects) => (objects instanceof NotConvertibleError ? [] : objects));
  const all = [
    ...catalogue,
    ...known.flatMap((object) => (object.type === 'runtime' ? [object.runtime] : [])),
  ];
  return entries.map((entry, index) => resultOf(entry, checked[index] ?? [], all));
}

interface Entry {
  readonly where: string;
  readonly kind: string;
  readonly name: string;
  readonly type: Kind;
  readonly source: Source;
}

function entryOf({ where, value }: Document): Entry {
  const { apiVersion, kind, metadata } = value as Readonly<Record<string, unknown>>;
  const { name, namespace } = (metadata ?? {}) as Readonly<Record<string, unknown>>;
  const source = new Source(value);
  source.at('apiVersion').takeIf(String(apiVersion));
  source.at('kind').takeIf(String(kind));
  return {
    where,
    kind: String(kind),
    name: [namespace, name].filter((part) => typeof part === 'string').join('/'),
    type: kindOf(String(apiVersion), String(kind)),
    source,
  };
}

function convertModel({ type, source }: Entry, context: ImportContext): object[] {
  switch (type.type) {
    case 'inference-service':
      return convertInferenceService(source, context);
    case 'seldon-model':
      return convertSeldonModel(source, context.catalogue);
    case 'unmatched':
      throw new NotConvertibleError('', type.reason, type.detail);
    default:
      return [];
  }
}

function resultOf(
  { where, kind, name, type, source }: Entry,
  objects: readonly ConvertedObject[] | NotConvertibleError,
  runtimes: readonly InferenceRuntime[],
): ConversionResult {
  const found = { where, kind, name };
  if (objects instanceof NotConvertibleError) {
    const { path, reason, detail } = objects;
    return { ...found, result: 'refused', objects: [], remarks: [{ path, reason, detail }] };
  }
  if (type.type === 'foreign') return { ...found, result: 'foreign', objects: [], remarks: [] };
  return {
    ...found,
    result: 'converted',
    objects: objects.map(({ object }) => object),
    remarks: [...source.remarks(), ...objects.flatMap((object) => notAccepted(object, runtimes))],
  };
}

function attempt<T>(act: () => T): T | NotConvertibleError {
  try {
    return act();
  } catch (error) {
    if (error instanceof NotConvertibleError) return error;
    throw error;
  }
}

/** An object that came out, checked. */
type ConvertedObject =
  | { readonly type: 'model'; readonly object: object; readonly model: InferenceModel }
  | { readonly type: 'runtime'; readonly object: object; readonly runtime: InferenceRuntime };

/**
 * Checks what came out as the API server would, and that no two objects have one name.
 * @throws NotConvertibleError for what it would refuse
 */
function check(objects: readonly object[], taken: Set<string>): ConvertedObject[] {
  const checked = objects.map(parsed);
  const names = checked.map(nameOf);
  const again = names.find((name) => taken.has(name));
  if (again !== undefined) throw new NotConvertibleError('metadata.name', 'taken', again);
  for (const name of names) taken.add(name);
  return checked;
}

function parsed(object: object): ConvertedObject {
  try {
    return 'kind' in object && object.kind === inferenceModels.kind
      ? { type: 'model', object, model: parseInferenceModel(object) }
      : { type: 'runtime', object, runtime: parseInferenceRuntime(object) };
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    throw new NotConvertibleError('', 'invalid', error.problems.join('; '));
  }
}

const nameOf = (converted: ConvertedObject): string => {
  if (converted.type === 'runtime') return `InferenceRuntime ${converted.runtime.name}`;
  const { name, namespace } = converted.model.metadata;
  return `InferenceModel ${namespace === undefined ? '' : `${namespace}/`}${name}`;
};

/** A cluster that allows what can be allowed. */
const capabilities = capabilitiesOf({
  'config-features': { 'kubernetes.podspec-init-containers': 'enabled' },
});

/** What an operator of this version would say against a model; the API server lets it pass. */
function notAccepted(converted: ConvertedObject, runtimes: readonly InferenceRuntime[]): Remark[] {
  if (converted.type === 'runtime') return [];
  try {
    makeTemplate(converted.model, { capabilities, runtimes, fetcherImage: 'none', allowance: {} });
    return [];
  } catch (error) {
    if (!(error instanceof UnsupportedError)) throw error;
    return error.problems.map((detail) => ({ path: '', reason: 'not-accepted', detail }));
  }
}
