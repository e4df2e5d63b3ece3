import { inferenceModels } from '#api/group.ts';
import { type InferenceModel, parseInferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import { type InferenceRuntime, parseInferenceRuntime } from '#api/v1alpha1/runtime.ts';
import { ProblemsError } from '#base/problems.ts';
import { type Capabilities, capabilitiesOf } from '#knative/capabilities.ts';
import { makeTemplate } from '#synth/template.ts';
import { UnsupportedError } from '#synth/unsupported.ts';
import { Connections } from './connections.ts';
import { type ImportContext, useOf } from './context.ts';
import { convertInferenceService } from './inference-service.ts';
import { type Kind, kindOf } from './kinds.ts';
import { NotConvertibleError, type Remark } from './reasons.ts';
import { convertSeldonModel } from './seldon-model.ts';
import { type KserveRuntime, makeRuntime, readServingRuntime } from './serving-runtime.ts';
import { Source } from './source.ts';
import { convertTrainedModel } from './trained-model.ts';

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
  const ofType = (type: Kind['type']) => entries.filter((entry) => entry.type.type === type);
  const read = new Map(
    ofType('serving-runtime').map((entry) => [entry, attempt(() => readServingRuntime(entry.source))]),
  );
  const connections = new Connections(ofType('foreign').map(({ source }) => source));
  const runtimes = [...read.values()].filter(isConvertible);
  const guarded = new Set(ofType('guard').map(({ source }) => source.at('metadata', 'namespace').text));
  const context = { runtimes, catalogue, connections, guarded, uses: usesOf(runtimes) };
  const made = new Map<Entry, Made | NotConvertibleError>();
  /** The InferenceServices that would load TrainedModels, and what is not carried over of them. */
  const loaders = new Map<Entry, Remark[]>();
  for (const entry of ofType('trained-model')) {
    const service = ofType('inference-service').find(({ name }) => name === serverOf(entry));
    const model = attempt(() => convertTrainedModel(entry.source, service?.value, context));
    made.set(entry, isConvertible(model) ? { objects: model.objects } : model);
    if (service && isConvertible(model))
      loaders.set(service, [...(loaders.get(service) ?? []), ...model.remarks]);
  }
  for (const entry of entries)
    if (!read.has(entry) && !made.has(entry))
      made.set(
        entry,
        attempt(() => convertModel(entry, loaders.get(entry), context)),
      );
  // After the models, which may ask something of their runtimes.
  for (const [entry, runtime] of read)
    made.set(
      entry,
      isConvertible(runtime)
        ? { objects: [makeRuntime(entry.source, runtime, useOf(runtime.becomes, context))] }
        : runtime,
    );
  for (const entry of ofType('foreign')) {
    const objects = connections.madeOf(entry.source);
    if (objects) made.set(entry, { objects, isRead: true });
  }
  return resultsOf(entries, made, catalogue);
}

/** What an object becomes, and its remarks where they are not those of its source. */
interface Made {
  readonly objects: readonly object[];
  readonly remarks?: readonly Remark[];
  /** Whether it is of no API that is imported from, and models need what it has. */
  readonly isRead?: boolean;
}

const isConvertible = <T>(value: T | NotConvertibleError): value is T =>
  !(value instanceof NotConvertibleError);

const usesOf = (runtimes: readonly KserveRuntime[]): ImportContext['uses'] =>
  new Map(runtimes.map(({ becomes, grpcPort }) => [becomes, { devices: new Set(), grpcPort }]));

function resultsOf(
  entries: readonly Entry[],
  made: ReadonlyMap<Entry, Made | NotConvertibleError>,
  catalogue: readonly InferenceRuntime[],
): ConversionResult[] {
  const taken = new Set(catalogue.map(({ name }) => `InferenceRuntime ${name}`));
  const checked = entries.map((entry) => {
    const found = made.get(entry) ?? { objects: [] };
    return isConvertible(found) ? attempt(() => check(found.objects, taken)) : found;
  });
  const runtimes = checked.flatMap((objects) =>
    isConvertible(objects)
      ? objects.flatMap((object) => (object.type === 'runtime' ? [object.runtime] : []))
      : [],
  );
  return entries.map((entry, index) => {
    const objects = checked[index] ?? [];
    const found = made.get(entry);
    const { remarks = entry.source.remarks(), isRead = false }: Partial<Made> =
      found && isConvertible(found) ? found : {};
    return resultOf(entry, { objects, remarks, isRead }, [...catalogue, ...runtimes]);
  });
}

interface Entry {
  readonly where: string;
  readonly kind: string;
  readonly name: string;
  readonly type: Kind;
  readonly source: Source;
  readonly value: object;
}

/** The name with its namespace of the InferenceService that would load a TrainedModel. */
const serverOf = ({ source }: Entry): string =>
  qualified(source.at('metadata', 'namespace').text, source.at('spec', 'inferenceService').text);

const qualified = (...parts: readonly unknown[]): string =>
  parts.filter((part) => typeof part === 'string').join('/');

function entryOf({ where, value }: Document): Entry {
  const { apiVersion, kind, metadata } = value as Readonly<Record<string, unknown>>;
  const { name, namespace } = (metadata ?? {}) as Readonly<Record<string, unknown>>;
  const source = new Source(value);
  source.at('apiVersion').takeIf(String(apiVersion));
  source.at('kind').takeIf(String(kind));
  return {
    where,
    kind: String(kind),
    name: qualified(namespace, name),
    type: kindOf(String(apiVersion), String(kind)),
    source,
    value,
  };
}

function convertModel(
  { type, source }: Entry,
  loaded: readonly Remark[] | undefined,
  context: ImportContext,
): Made {
  if (loaded) return { objects: [], remarks: [{ path: '', reason: 'trained' }, ...loaded] };
  switch (type.type) {
    case 'inference-service':
      return { objects: convertInferenceService(source, context) };
    case 'seldon-model':
      return { objects: convertSeldonModel(source, context.catalogue) };
    case 'guard':
      throw new NotConvertibleError('', 'guard');
    case 'unmatched':
      throw new NotConvertibleError('', type.reason, type.detail);
    default:
      return { objects: [] };
  }
}

interface Checked {
  readonly objects: readonly ConvertedObject[] | NotConvertibleError;
  readonly remarks: readonly Remark[];
  readonly isRead: boolean;
}

function resultOf(
  { where, kind, name, type }: Entry,
  { objects, remarks, isRead }: Checked,
  runtimes: readonly InferenceRuntime[],
): ConversionResult {
  const found = { where, kind, name };
  if (objects instanceof NotConvertibleError) {
    const { path, reason, detail } = objects;
    return { ...found, result: 'refused', objects: [], remarks: [{ path, reason, detail }] };
  }
  const printed = objects.map(({ object }) => object);
  if (type.type === 'foreign')
    return { ...found, result: isRead ? 'read' : 'foreign', objects: printed, remarks: [] };
  return {
    ...found,
    result: 'converted',
    objects: printed,
    remarks: [...remarks, ...objects.flatMap((object) => verdictOn(object, runtimes))],
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
  | { readonly type: 'runtime'; readonly object: object; readonly runtime: InferenceRuntime }
  | { readonly type: 'secret'; readonly object: object };

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
    if (!('kind' in object) || object.kind === 'Secret') return { type: 'secret', object };
    return object.kind === inferenceModels.kind
      ? { type: 'model', object, model: parseInferenceModel(object) }
      : { type: 'runtime', object, runtime: parseInferenceRuntime(object) };
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    throw new NotConvertibleError('', 'invalid', error.problems.join('; '));
  }
}

const nameOf = (converted: ConvertedObject): string => {
  if (converted.type === 'runtime') return `InferenceRuntime ${converted.runtime.name}`;
  if (converted.type === 'model') {
    const { name, namespace } = converted.model.metadata;
    return `InferenceModel ${qualified(namespace, name)}`;
  }
  const { metadata } = converted.object as { readonly metadata: { name: string; namespace?: string } };
  return `Secret ${qualified(metadata.namespace, metadata.name)}`;
};

const asShipped = capabilitiesOf();
/** A cluster on which every flag is on. */
const withAllFlags = { ...asShipped, features: new Proxy({}, { get: () => 'enabled' as const }) };

/** What an operator of this version would say against a model, and which flags of Knative it needs. */
function verdictOn(converted: ConvertedObject, runtimes: readonly InferenceRuntime[]): Remark[] {
  if (converted.type !== 'model') return [];
  const refusal = (capabilities: Capabilities): UnsupportedError | undefined => {
    try {
      const settings = { capabilities, runtimes, profiles: [], fetcherImage: 'none', allowance: {} };
      makeTemplate(converted.model, settings);
      return undefined;
    } catch (error) {
      if (error instanceof UnsupportedError) return error;
      throw error;
    }
  };
  const refused = refusal(withAllFlags);
  if (refused) return refused.problems.map((detail) => ({ path: '', reason: 'not-accepted', detail }));
  const flags = refusal(asShipped)?.settings.map(({ key }) => key) ?? [];
  return [...new Set(flags)].map((detail) => ({ path: '', reason: 'flag', detail }));
}
