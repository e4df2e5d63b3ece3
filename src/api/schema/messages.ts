import leven from 'leven';
import type { z } from 'zod';

/**
 * What is wrong with a value, in words that say what to write: a map of errors for zod, for all that the schema itself
 * does not say.
 */
export const words: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `must be ${kindOf(issue.expected, issue.input)}`;
    case 'invalid_value': {
      const choice = anyOf(issue.values.map(String));
      return issue.input === undefined ? `is missing: write ${choice}` : `must be ${choice}`;
    }
    case 'too_small':
      return bound(issue.origin, 'least', Number(issue.minimum));
    case 'too_big':
      return bound(issue.origin, 'most', Number(issue.maximum));
    case 'unrecognized_keys': {
      // The schema that says so is that of an object.
      const { shape } = (issue.inst as z.core.$ZodObject)._zod.def;
      return issue.keys.map((key) => unknown(key, Object.keys(shape))).join('; ');
    }
    default:
      return undefined;
  }
};

/** `a, b or c`. */
export const anyOf = (values: readonly string[]): string =>
  values.length < 2 ? values.join() : `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;

function kindOf(expected: string, input: unknown): string {
  switch (expected) {
    case 'string':
      // `yes` and `1.10` are no text to a parser of YAML.
      return typeof input === 'object' ? 'text' : 'text: put it in quotes';
    case 'number':
      return typeof input === 'string' && Number.isFinite(Number(input))
        ? 'a number, without quotes'
        : 'a number';
    case 'int':
      return 'a whole number';
    case 'boolean':
      return 'true or false';
    case 'array':
      return 'a list, of which each item begins with "- "';
    default:
      return 'a mapping, such as "name: value"';
  }
}

function bound(origin: string, side: 'least' | 'most', count: number): string {
  if (origin === 'number' || origin === 'int')
    return `must be ${count} or ${side === 'least' ? 'more' : 'less'}`;
  const unit = origin === 'string' ? 'character' : 'item';
  return `must have at ${side} ${count} ${unit}${count === 1 ? '' : 's'}`;
}

function unknown(key: string, known: readonly string[]): string {
  const said = /^[-\w./]+$/.test(key) ? key : JSON.stringify(key);
  const [nearest] = known
    .filter((name) => Math.abs(name.length - key.length) <= tolerance(name))
    .map((name) => ({ name, far: leven(key.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, far }) => far <= tolerance(name))
    .sort((left, right) => left.far - right.far);
  return `there is no field ${said}: ${nearest ? `did you mean ${nearest.name}?` : `write ${anyOf(known)}`}`;
}

/** How many letters may differ. */
const tolerance = (name: string) => Math.ceil(name.length / 3);
