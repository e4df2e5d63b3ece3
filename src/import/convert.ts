import type { InferenceRuntime } from '#api/v1alpha1/runtime.ts';
import { type ConvertedObject, check, notAccepted } from './check.ts';
import { type ImportContext, useOf } from './context.ts';
import { convertInferenceService } from './inference-service.ts';
import { type Kind, kindOf } from './kinds.ts';
import { NotConvertibleError } from './not-convertible.ts';
import type { Remark } from './reasons.ts';
import { convertSeldonModel } from './seldon-model.ts';
import { makeRuntime, readServingRuntime } from './serving-runtime.ts';
import { Source } from './source.ts';

/** An object of some API, and where it stands. */
export interface Document {
  readonly where: string;
  readonly value: object;
}

/** What has become of a document. */
export interface Outcome {
  readonly where: string;
  readonly kind: string;
  /** With its namespace, as in `demo/iris`. */
  readonly name: string;
  /** `foreign`: it is of no API that is imported from. */
  readonly result: 'converted' | 'refused' | 'foreign';
  readonly objects: readonly object[];
  readonly remarks: readonly Remark[];
}

/**
 * Converts what one cluster would hold: models find their runtimes in it. Each outcome is that of one document, in
 * their order.
 */
export function convert(documents: readonly Document[], catalogue: readonly InferenceRuntime[]): Outcome[] {
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
  return entries.map((entry, index) => outcomeOf(entry, checked[index] ?? [], all));
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

function outcomeOf(
  { where, kind, name, type, source }: Entry,
  objects: readonly ConvertedObject[] | NotConvertibleError,
  runtimes: readonly InferenceRuntime[],
): Outcome {
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
