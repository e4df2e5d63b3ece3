import { annotations } from '#api/group.ts';
import { milliValue, type Quantity } from '#api/schema/quantity.ts';
import type { InferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import { contentHash } from '#base/hash.ts';
import { isByUsage } from './scaling.ts';

/**
 * How an intent is made. Another one that this version makes, too, can be added and still be known; without it in the value
 * a renamed field would start every model anew.
 */
const scheme = 'v2';

/**
 * What the user meant that makes the container, as the scheme and a hash. While it stays, the live revision stays: bounds
 * of scale and access act without a new one, and neither another spelling of the same, nor a newer operator, nor a changed
 * cluster default makes one.
 */
export function intentOf({ metadata, spec }: InferenceModel): string {
  const { scale, access: _, container, resources, model, ...rest } = spec;
  const meaning = {
    ...rest,
    container: container && { port: 8080, transport: 'http1', ...container },
    model: model && { ...model, maxSize: model.maxSize === undefined ? undefined : meant(model.maxSize) },
    resources: { requests: amounts(resources?.requests), limits: amounts(resources?.limits) },
    containerConcurrency: scale.containerConcurrency,
    // Another autoscaler does not take over a live revision.
    isByUsage: isByUsage(scale) || undefined,
    refresh: metadata.annotations?.[annotations.refresh],
  };
  return `${scheme}.${contentHash(withoutEmpty(meaning))}`;
}

/** An amount without its spelling: even the canonical one of Kubernetes tells `1Gi` from `1073741824`. */
const meant = (amount: Quantity) => String(milliValue(amount));

const amounts = (quantities: Readonly<Record<string, Quantity>> = {}) =>
  Object.fromEntries(Object.entries(quantities).map(([name, amount]) => [name, meant(amount)]));

/** An empty list or map says as much as none; the API server turns one into the other as it likes. */
function withoutEmpty(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(withoutEmpty);
  const entries = Object.entries(value).map(([key, item]) => [key, withoutEmpty(item)] as const);
  return Object.fromEntries(entries.filter(([, item]) => !isEmpty(item)));
}

const isEmpty = (value: unknown) =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;
