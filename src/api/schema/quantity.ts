import * as z from 'zod';
import { rule, withExtras } from './rules.ts';

/** An amount of a resource, as Kubernetes writes it: `500m`, `2`, `1.5Gi`. A whole number may stand without quotes. */
export const quantity = withExtras(
  z.union([z.int(), z.string().max(32)], {
    error: 'must be a whole number or text',
  }),
  { schema: { maxLength: 32, 'x-kubernetes-int-or-string': true } },
);

export type Quantity = z.infer<typeof quantity>;

/**
 * What amounts of one kind look like. All stay below 2^63, the most that Kubernetes holds, and have no fraction of a
 * thousandth.
 */
function measure(form: RegExp, largest: number, hint: string) {
  const message = `must be ${hint}`;
  const holds = (value: Quantity) => form.test(String(value));
  // API servers before 1.34 reckon with megabytes of text here, so that such a rule is too dear for each item of a map.
  const cel = (text: string) =>
    `(type(${text}) == int ? ${text} >= 0 && ${text} <= ${largest} : ${text}.matches(r'${form.source}'))`;
  return { schema: rule(quantity, cel('self'), message, holds), message, holds, cel };
}

export type Measure = ReturnType<typeof measure>;

/** A number with an exponent of ten, as `1e3`. */
const exponent = '[eE][+-]?[0-9]{1,2}';
const decimal = '[0-9]{1,15}(\\.[0-9]{1,9})?';

/** Time of processors: `2`, `0.5`, `500m`. */
export const cores = measure(
  new RegExp(`^[0-9]{1,9}(\\.[0-9]{1,9})?(m|k|${exponent})?$`),
  999_999_999,
  'a number of cores, such as 500m or 2',
);

/** Memory and the like: `512Mi`, `1.5Gi`, and what Kubernetes prints of a fraction, `107374182400m`. */
export const bytes = measure(
  new RegExp(`^${decimal}(m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi|${exponent})?$`),
  999_999_999_999_999,
  'an amount of bytes, such as 512Mi or 1.5Gi',
);

export const devices = measure(/^[0-9]{1,9}$/, 999_999_999, 'a whole number of devices, such as 1');

/** How many thousandths of the unit a suffix stands for. */
const factors = new Map<string, bigint>([
  ['m', 1n],
  ['', 1000n],
  ['k', 1000n ** 2n],
  ['M', 1000n ** 3n],
  ['G', 1000n ** 4n],
  ['T', 1000n ** 5n],
  ['P', 1000n ** 6n],
  ['Ki', 1000n * 1024n],
  ['Mi', 1000n * 1024n ** 2n],
  ['Gi', 1000n * 1024n ** 3n],
  ['Ti', 1000n * 1024n ** 4n],
  ['Pi', 1000n * 1024n ** 5n],
]);
const factor = (suffix: string) => factors.get(suffix) ?? 1000n;
const parts = /^([0-9]+)\.?([0-9]*)(?:[eE]([+-]?[0-9]+)|([a-zA-Z]*))$/;

/**
 * The amount in thousandths of the unit, so that any two can be compared. What is less than a thousandth counts as one, as
 * it does for Kubernetes.
 */
export function thousandths(value: Quantity): bigint {
  const [, whole = '0', fraction = '', power = '0', suffix = ''] = parts.exec(String(value)) ?? [];
  const tens = Number(power) - fraction.length;
  const scaled = BigInt(whole + fraction) * factor(suffix);
  if (tens >= 0) return scaled * 10n ** BigInt(tens);
  const divisor = 10n ** BigInt(-tens);
  return (scaled + divisor - 1n) / divisor;
}

/**
 * The spelling that Kubernetes itself gives the amount (apimachinery, `Quantity.String`): the largest suffix of its
 * family that leaves a whole number. Knative's webhook rewrites every other spelling, and a template that was
 * rewritten under an unchanged name is refused.
 */
export function canonical(value: Quantity): string {
  const amount = thousandths(value);
  if (amount === 0n) return '0';
  const binary = String(value).endsWith('i') && amount % 1000n === 0n && amount >= factor('Ki');
  const family = binary ? ['Pi', 'Ti', 'Gi', 'Mi', 'Ki', ''] : ['P', 'T', 'G', 'M', 'k', '', 'm'];
  const suffix = family.find((name) => amount % factor(name) === 0n) ?? '';
  return `${amount / factor(suffix)}${suffix}`;
}
