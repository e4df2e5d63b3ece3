import * as z from 'zod';

/** One CEL rule of the CRD, as `x-kubernetes-validations` holds it. */
export interface CelRule {
  readonly rule: string;
  readonly message: string;
  /** Of the field at fault, where it is below the schema that carries the rule. */
  readonly fieldPath?: string;
}

/** What a zod schema cannot say of itself, and the CRD needs. */
export interface CrdExtras {
  readonly rules?: readonly CelRule[];
  /** Merged into the OpenAPI form of the schema. */
  readonly merge?: Readonly<Record<string, unknown>>;
  /** Stands in place of the OpenAPI form of the schema. */
  readonly schema?: Readonly<Record<string, unknown>>;
}

export const crdExtras = z.registry<CrdExtras>();

/** Adds to what the CRD says of `schema`, and of `origin`, the schema that it was made from. */
export function withExtras<S extends z.ZodType>(schema: S, extras: CrdExtras, origin: z.ZodType = schema): S {
  const earlier = crdExtras.get(origin);
  crdExtras.add(schema, {
    ...earlier,
    ...extras,
    rules: [...(earlier?.rules ?? []), ...(extras.rules ?? [])],
    merge: { ...earlier?.merge, ...extras.merge },
  });
  return schema;
}

/**
 * A rule in both languages: `isValid` for zod, `cel` for the API server. Both refuse the same values with the same
 * sentence. `path` names the field at fault, below the schema that carries the rule.
 */
export function rule<S extends z.ZodType>(
  schema: S,
  cel: string,
  message: string,
  isValid: (value: z.output<S>) => boolean,
  path: readonly string[] = [],
): S {
  const ruled = schema.refine(isValid, { message, path: [...path] });
  const fieldPath = path.map((name) => (/^\w+$/.test(name) ? `.${name}` : `['${name}']`)).join('');
  return withExtras(ruled, { rules: [{ rule: cel, message, ...(fieldPath && { fieldPath }) }] }, schema);
}

/** An object of any fields: the API server keeps what it does not know. */
export const opaqueObject = () =>
  withExtras(z.looseObject({}), {
    schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  });

/** The same schema, of which the CRD says nothing: it is checked here alone, so that CRDs stay small. */
export function unchecked<S extends z.ZodType>(schema: S, description: string): S {
  const described = schema.describe(description);
  // A registry of zod gives a schema what the one has that it was made from: its rules speak of fields that are not there.
  crdExtras.add(described, {
    schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    rules: [],
    merge: {},
  });
  return described;
}

/** A map from texts to texts of at most `max` entries. Its keys are checked here alone: a CRD has no rules for keys. */
export const textMap = <K extends z.ZodType<string, string>, V extends z.ZodType<string>>(
  key: K,
  value: V,
  max: number,
) =>
  withExtras(
    z
      .record(key, value)
      .refine((map) => Object.keys(map).length <= max, { message: `must have at most ${max} entries` }),
    { merge: { maxProperties: max } },
  );

/** A list that the API server keeps as a map: no two items share the value of `key`. */
export function keyedBy<S extends z.ZodArray>(schema: S, key: string): S {
  const unique = schema.superRefine((items, context) => {
    const seen = new Set<unknown>();
    for (const [index, item] of items.entries()) {
      const value = (item as Record<string, unknown>)[key];
      if (seen.has(value))
        context.addIssue({ code: 'custom', path: [index, key], message: `appears twice: ${value}` });
      seen.add(value);
    }
  });
  const merge = { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [key] };
  return withExtras(unique, { merge }, schema);
}
