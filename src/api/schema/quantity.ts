import * as z from 'zod';
import { rule, withExtras } from './rules.ts';

/** An amount of a resource, as Kubernetes writes it: `500m`, `2`, `1.5Gi`. A whole number may stand without quotes. */
export const quantity = withExtras(
  z.union([z.int(), z.string().max(32)], {
    error: ({ input }) =>
      typeof input === 'number'
        ? 'must be a whole number, or text: put a fraction in quotes'
        : 'must be a whole number or text',
  }),
  { schema: { maxLength: 32, 'x-kubernetes-int-or-string': true } },
);

export type Quantity = z.infer<typeof quantity>;

/** What amounts of one kind look like. All stay below 2^63: Kubernetes makes that of everything above. */
function measure(pattern: RegExp, max: number, hint: string) {
  const message = `must be ${hint}`;
  const isValid = (value: Quantity) => pattern.test(String(value));
  // API servers before 1.34 reckon with megabytes of text here, so that such a rule is too dear for each item of a map, and
  // its cost grows with the pattern.
  const cel = (text: string) =>
    `(type(${text}) == int ? ${text} >= 0 && ${text} <= ${max} : ${text}.matches(r'${pattern.source}'))`;
  return { schema: rule(quantity, cel('self'), message, isValid), message, isValid, cel };
}

export type Measure = ReturnType<typeof measure>;

/** Time of processors: `2`, `0.5`, `500m`, and what Kubernetes prints of usage, `123456789n`. */
export const cores = measure(
  /^(\d{1,9}(\.\d+)?k?|\d{1,18}(\.\d+)?[num]|\d{1,3}(\.\d+)?[eE][+-]?\d)$/,
  999_999_999,
  'a number of cores, such as 500m or 2',
);

/** Memory and the like: `512Mi`, `1.5Gi`, and what Kubernetes prints of a fraction, `107374182400m`. */
export const bytes = measure(
  /^(\d{1,18}(\.\d+)?[num]?|\d{1,12}(\.\d+)?(k|M|[KM]i)|\d{1,6}(\.\d+)?[GT]i?|\d{1,3}(\.\d+)?(Pi?|[eE]([+-]?\d|1[0-5])))$/,
  Number.MAX_SAFE_INTEGER,
  'an amount of bytes, such as 512Mi or 1.5Gi',
);

export const devices = measure(/^\d{1,9}$/, 999_999_999, 'a whole number of devices, such as 1');

const nano = 10n ** 9n;
const binaryUnits = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'].map(
  (suffix, index) => [suffix, nano * 1024n ** BigInt(index + 1)] as const,
);
const decimalUnits = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'].map(
  (suffix, index) => [suffix, 1000n ** BigInt(index)] as const,
);
/** How many billionths a suffix stands for. */
const units = new Map<string, bigint>([...binaryUnits, ...decimalUnits]);
const parts = /^(\d+)\.?(\d*)(?:[eE]([+-]?\d+)|([a-zA-Z]*))$/;

/** The least whole number that is not below a fraction. */
const ceil = (value: bigint, divisor: bigint) => (value + divisor - 1n) / divisor;

/**
 * The amount in billionths of the unit. What is less than a billionth counts as one, as it does for Kubernetes (apimachinery,
 * `ParseQuantity`).
 */
export function nanoValue(value: Quantity): bigint {
  const [, whole = '0', fraction = '', power = '0', suffix = ''] = parts.exec(String(value)) ?? [];
  const tens = Number(power) - fraction.length;
  const scaled = BigInt(whole + fraction) * (units.get(suffix) ?? nano);
  return tens >= 0 ? scaled * 10n ** BigInt(tens) : ceil(scaled, 10n ** BigInt(-tens));
}

/** The amount in thousandths of the unit, rounded up: the finest that containers are given (apimachinery, `Quantity.MilliValue`). */
export const milliValue = (value: Quantity): bigint => ceil(nanoValue(value), 10n ** 6n);

/**
 * The spelling that Kubernetes itself gives the amount (apimachinery, `Quantity.String`): the largest suffix of its
 * family that leaves a whole number. Knative's webhook rewrites every other spelling, and a template that was
 * rewritten under an unchanged name is refused.
 */
export function canonical(value: Quantity): string {
  const amount = nanoValue(value);
  if (amount === 0n) return '0';
  // Kubernetes writes 156.25Ki as 160000, and takes that for decimal when it reads it again.
  const isBinary = String(value).endsWith('i') && amount % (nano * 1024n) === 0n;
  const family = isBinary ? binaryUnits : decimalUnits;
  const [suffix, unit] = family.findLast(([, factor]) => amount % factor === 0n) ?? ['n', 1n];
  return `${amount / unit}${suffix}`;
}
