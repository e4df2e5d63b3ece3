/** One of several descriptions of the same thing, and whose it is. */
export interface Layer<T> {
  readonly source: string;
  readonly value: T;
}

/** A value of the merged result, by its path, and whose it is. */
export interface MergedField {
  readonly path: string;
  readonly value: unknown;
  readonly source: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** Lists that are merged by a key of their items, by the names of their fields; every other list is one value. */
const listKeys: Readonly<Record<string, string>> = {
  env: 'name',
  volumes: 'name',
  volumeMounts: 'mountPath',
  imagePullSecrets: 'name',
};

/** Fields of which one excludes the others: they are one value. */
const unions = new Set(['readiness', 'startup', 'liveness', 'target']);

/**
 * Puts descriptions of the same thing over each other, the later over the earlier: maps by their keys, lists of named
 * things by their names, every other value as a whole. Empty lists and maps say nothing.
 * @param report gets each value of the result, and whose it is
 */
export function mergeLayers<T extends object>(
  layers: readonly Layer<T | undefined>[],
  report: (field: MergedField) => void = () => {},
): T {
  const present = layers.filter((layer): layer is Layer<T> => layer.value !== undefined);
  return mergeMaps(present as unknown as readonly Layer<Fields>[], '', report) as T;
}

function mergeMaps(
  layers: readonly Layer<Fields>[],
  path: string,
  report: (field: MergedField) => void,
): Fields {
  const names = new Set(layers.flatMap(({ value }) => Object.keys(value)));
  const entries = [...names].flatMap((name) => {
    const found = layers
      .map(({ source, value }) => ({ source, value: value[name] }))
      .filter(({ value }) => !isEmpty(value));
    const last = found.at(-1);
    if (!last) return [];
    const at = path ? `${path}.${name}` : name;
    return [[name, mergeValues(name, found, last, at, report)] as const];
  });
  return Object.fromEntries(entries);
}

function mergeValues(
  name: string,
  found: readonly Layer<unknown>[],
  last: Layer<unknown>,
  path: string,
  report: (field: MergedField) => void,
): unknown {
  const key = listKeys[name];
  if (key && Array.isArray(last.value)) return mergeLists(key, found, path, report);
  if (isMap(last.value) && !unions.has(name))
    return mergeMaps(
      found.filter((layer): layer is Layer<Fields> => isMap(layer.value)),
      path,
      report,
    );
  report({ path, value: last.value, source: last.source });
  return last.value;
}

/** The items of the earlier lists stay where they are. */
function mergeLists(
  key: string,
  found: readonly Layer<unknown>[],
  path: string,
  report: (field: MergedField) => void,
): unknown[] {
  const items = new Map<unknown, Layer<unknown>>();
  for (const { source, value } of found)
    for (const item of value as readonly Fields[]) items.set(item[key], { source, value: item });
  for (const [name, { source, value }] of items) report({ path: `${path}[${name}]`, value, source });
  return [...items.values()].map(({ value }) => value);
}

const isMap = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isEmpty = (value: unknown): boolean =>
  value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
