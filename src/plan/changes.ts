import { isDeepStrictEqual } from 'node:util';

/** A field that has another value than before; unset where it was not there, or is gone. */
export interface Change {
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * The fields in which two JSON values differ. Items of a list that have names, as containers and variables do, are
 * compared by them; of another list of the same length each item, and else it is one value.
 */
export function changesOf(before: unknown, after: unknown, path = ''): Change[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (isObject(before) && isObject(after))
    return fields(before, after).flatMap((key) =>
      changesOf(before[key], after[key], /^[\w-]+$/.test(key) ? joined(path, key) : `${path}[${key}]`),
    );
  const [old, young] = [byName(before), byName(after)];
  if (!old || !young) {
    if (!Array.isArray(before) || !Array.isArray(after) || before.length !== after.length)
      return [{ path, before, after }];
    return before.flatMap((item, index) => changesOf(item, after[index], `${path}[${index}]`));
  }
  const changes = fields(old, young).flatMap((name) => changesOf(old[name], young[name], `${path}[${name}]`));
  return changes.length > 0 ? changes : [{ path, before: Object.keys(old), after: Object.keys(young) }];
}

const joined = (path: string, key: string) => (path ? `${path}.${key}` : key);

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const fields = (before: Fields, after: Fields) => [
  ...new Set([...Object.keys(before), ...Object.keys(after)]),
];

function byName(list: unknown): Fields | undefined {
  if (!Array.isArray(list) || list.length === 0) return undefined;
  const entries = list.map((item) => [(item as Fields | null)?.name, item] as const);
  const names = new Set(entries.map(([name]) => name));
  if (names.size < list.length || entries.some(([name]) => typeof name !== 'string')) return undefined;
  return Object.fromEntries(entries);
}
