import { parseDocument } from 'yaml';
import * as z from 'zod';
import { words } from '#api/schema/messages.ts';
import { imageOf } from '#base/image.ts';
import { ProblemsError } from '#base/problems.ts';
import { configSchema } from './schema.ts';
import { type Flag, flags } from './setting.ts';

/** The configuration cannot be taken as it is: a sentence for each value that is wrong. */
export class ConfigError extends ProblemsError {
  override readonly name = 'ConfigError';
}

export type Config = z.output<typeof configSchema> & { readonly fetcherImage: string };

/** A setting that can be given as a flag. */
export interface Setting extends Flag {
  /** Where it stands in the file. */
  readonly path: readonly string[];
  /** What holds where it is not given. */
  readonly default: unknown;
}

/** A value that was given as a flag. */
export interface Given {
  readonly setting: Setting;
  readonly value: unknown;
}

/** All settings that have a flag, in the order of the schema. */
export const settings: readonly Setting[] = settingsOf(configSchema, []);

function settingsOf(schema: z.ZodType, path: readonly string[]): Setting[] {
  const inner = schema instanceof z.ZodPrefault || schema instanceof z.ZodDefault ? schema.def : undefined;
  const flag = flags.get(schema);
  if (flag) return [{ ...flag, path, default: inner?.defaultValue }];
  const object = inner?.innerType ?? schema;
  if (!(object instanceof z.ZodObject)) return [];
  return Object.entries(object.shape).flatMap(([key, field]) =>
    settingsOf(field as z.ZodType, [...path, key]),
  );
}

/**
 * The configuration that a file and flags make together; flags go before the file.
 * @throws ConfigError
 */
export function loadConfig(
  file: { readonly name: string; readonly text: string } | undefined,
  given: readonly Given[],
): Config {
  const raw = file ? readMapping(file.name, file.text) : {};
  for (const { setting, value } of given) put(raw, setting.path, value);
  const result = configSchema.safeParse(raw, { error: words });
  if (result.success) {
    const { fetcherImage, imageRegistry } = result.data;
    return { ...result.data, fetcherImage: fetcherImage ?? imageOf(imageRegistry) };
  }
  const whereIs = (path: readonly PropertyKey[]): string => {
    const flag = given.find(({ setting }) => setting.path.every((key, index) => key === path[index]));
    return flag
      ? (flag.setting.flag.split(' ', 1)[0] ?? '')
      : [file?.name, path.join('.')].filter(Boolean).join(': ');
  };
  throw new ConfigError(result.error.issues.map((issue) => sentence(issue, raw, whereIs)));
}

function readMapping(name: string, text: string): Record<string, unknown> {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) throw new ConfigError([`${name}: not YAML: ${error.message.split('\n', 1)[0]}`]);
  const value: unknown = document.toJS() ?? {};
  if (typeof value !== 'object' || Array.isArray(value) || value === null)
    throw new ConfigError([`${name}: must be a mapping of settings, such as "logLevel: debug"`]);
  return value as Record<string, unknown>;
}

function put(target: Record<string, unknown>, [key = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    target[key] = value;
    return;
  }
  const below = target[key];
  // What stands there in the file may be no mapping; that is for the schema to say.
  if (below === undefined) target[key] = {};
  if (typeof target[key] === 'object' && target[key] !== null)
    put(target[key] as Record<string, unknown>, rest, value);
}

function sentence(
  issue: z.core.$ZodIssue,
  raw: unknown,
  whereIs: (path: readonly PropertyKey[]) => string,
): string {
  const value = issue.path.reduce<unknown>(
    (below, key) => (below as Record<PropertyKey, unknown> | undefined)?.[key],
    raw,
  );
  const isSaid = value === undefined || issue.code === 'unrecognized_keys';
  return `${whereIs(issue.path)}: ${issue.message}${isSaid ? '' : `, not ${JSON.stringify(value)}`}`;
}
