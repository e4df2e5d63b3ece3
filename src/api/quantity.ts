import * as z from 'zod';
import { withExtras } from './rules.ts';

/** Amounts below 2^63, the most that Kubernetes holds; no fraction of a thousandth. */
const form = /^([0-9]{1,6}(\.[0-9]{1,3})?(k|M|G|T|Ki|Mi|Gi|Ti)?|[0-9]{1,15}m?)$/;
const largest = 999_999_999_999_999;

/** An amount of a resource: `500m`, `2`, `1.5Gi`. A whole number may stand without quotes, as in Kubernetes. */
export const quantity = withExtras(
  z.union([z.int().min(0).max(largest), z.string().regex(form)], {
    error: 'must be a quantity, such as 500m, 2 or 1.5Gi',
  }),
  {
    schema: {
      anyOf: [{ type: 'integer' }, { type: 'string' }],
      pattern: form.source,
      minimum: 0,
      maximum: largest,
      maxLength: 16,
      'x-kubernetes-int-or-string': true,
    },
  },
);

export type Quantity = z.infer<typeof quantity>;

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

/** The amount in thousandths of the unit, so that any two can be compared. */
export function thousandths(value: Quantity): bigint {
  const [, whole = '0', fraction = '', suffix = ''] = /^([0-9]+)\.?([0-9]*)(.*)$/.exec(String(value)) ?? [];
  const unscaled = BigInt(whole + fraction.padEnd(3, '0')) * factor(suffix);
  return (unscaled + 999n) / 1000n;
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
