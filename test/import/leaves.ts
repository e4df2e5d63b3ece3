import type { ConversionResult } from '#import/convert.ts';
import { convertedFrom } from './inputs.ts';

type Path = readonly (string | number)[];

/**
 * The leaves of an object that are lost in silence when it is imported beside some others: no remark speaks of them or
 * of something above them, and with another value in their place all comes out as before.
 */
export function silentLeaves(object: object, beside: readonly object[] = []): string[] {
  const outcomeOf = (value: unknown): ConversionResult[] => convertedFrom([value as object, ...beside]);
  const before = outcomeOf(object);
  const said = before[0]?.remarks.map(({ path }) => path) ?? [];
  return leavesOf(object)
    .filter(([first]) => first !== 'apiVersion' && first !== 'kind')
    .filter((path) => !said.some((above) => isBelow(written(path), above)))
    .filter((path) => JSON.stringify(outcomeOf(changed(object, path))) === JSON.stringify(before))
    .map(written);
}

const isBelow = (path: string, above: string) =>
  above === '' || path === above || (path.startsWith(above) && /^[.[]/.test(path.slice(above.length)));

function leavesOf(value: unknown, path: Path = []): Path[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => leavesOf(item, [...path, index]));
  if (typeof value !== 'object' || value === null) return value === null ? [] : [path];
  return Object.entries(value).flatMap(([key, item]) => leavesOf(item, [...path, key]));
}

function changed(value: unknown, [step, ...rest]: Path): unknown {
  if (Array.isArray(value)) return value.map((item, index) => (index === step ? changed(item, rest) : item));
  if (step !== undefined) {
    const holder = value as Readonly<Record<string, unknown>>;
    return { ...holder, [step]: changed(holder[step], rest) };
  }
  if (typeof value === 'number') return value + 1;
  return typeof value === 'boolean' ? !value : `${value}x`;
}

const written = (path: Path): string =>
  path
    .map((step) => {
      if (typeof step === 'number') return `[${step}]`;
      return /^[a-zA-Z_][-\w]*$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
    })
    .join('')
    .replace(/^\./, '');
