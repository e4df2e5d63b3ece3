import { canonical, milliValue, type Quantity } from '#api/schema/quantity.ts';
import { measureOf, nativeResources } from '#api/v1alpha1/resources.ts';
import type { Capabilities } from '#knative/capabilities.ts';
import { queueProxyAnnotation } from '#synth/pod/metadata.ts';

/** Amounts of resources, by their names, in thousandths of the unit. */
export type Amounts = ReadonlyMap<string, bigint>;

export const none: Amounts = new Map();

interface PodSpec {
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
}
interface Container {
  readonly resources?: {
    readonly requests?: Readonly<Record<string, Quantity>>;
    readonly limits?: Readonly<Record<string, Quantity>>;
  };
}

/**
 * What the scheduler keeps free for one pod, beside what Knative adds for its own container: the sum of its
 * containers, or the maximum of its init containers.
 */
export function podRequests(spec: unknown, queueProxy: Amounts): Amounts {
  const { containers = [], initContainers = [] } = (spec ?? {}) as PodSpec;
  const together = plus(queueProxy, ...containers.map(requestsOf));
  return initContainers.map(requestsOf).reduce((max, one) => merged(max, one, larger), together);
}

/** A limit is a request where none is written. */
function requestsOf({ resources: { requests = {}, limits = {} } = {} }: Container): Amounts {
  return amounts({ ...limits, ...requests });
}

export const amounts = (quantities: Readonly<Record<string, Quantity>>): Amounts =>
  new Map(Object.entries(quantities).map(([name, quantity]) => [name, milliValue(quantity)]));

export const plus = (...all: readonly Amounts[]): Amounts =>
  all.reduce((left, right) => merged(left, right, (a, b) => a + b), none);

export const times = (one: Amounts, count: number): Amounts =>
  new Map([...one].map(([name, amount]) => [name, amount * BigInt(count)]));

const larger = (left: bigint, right: bigint) => (left > right ? left : right);

function merged(left: Amounts, right: Amounts, join: (a: bigint, b: bigint) => bigint): Amounts {
  const names = new Set([...left.keys(), ...right.keys()]);
  return new Map([...names].map((name) => [name, join(left.get(name) ?? 0n, right.get(name) ?? 0n)]));
}

/** As Kubernetes writes them; what is nothing is left out. */
export const quantities = (all: Amounts): Record<string, string> =>
  Object.fromEntries(
    [...all].filter(([, amount]) => amount > 0n).map(([name, amount]) => [name, quantity(amount)]),
  );

/** In powers of 1024 where that is exact, as only bytes come to such numbers. */
function quantity(amount: bigint): string {
  if (amount % 1000n !== 0n) return canonical(`${amount}m`);
  const whole = amount / 1000n;
  return whole % 1024n === 0n ? canonical(`${whole / 1024n}Ki`) : canonical(`${whole}`);
}

/**
 * What Knative's queue-proxy requests in each pod of a revision: what its annotations say, or the cluster; as shipped, 25m
 * of CPU (serving pkg/reconciler/revision/resources/queue.go, createQueueResources).
 */
export function queueProxyRequests(
  { deployment }: Capabilities,
  annotations: Readonly<Record<string, string>> = {},
): Amounts {
  const requests = nativeResources.flatMap((name) => {
    const written = [
      annotations[queueProxyAnnotation(name, 'request')],
      deployment[`queue-sidecar-${name}-request`],
    ];
    const known = written.find((amount) => measureOf(name).schema.safeParse(amount).success);
    return known === undefined ? [] : [[name, known] as const];
  });
  return amounts({ cpu: '25m', ...Object.fromEntries(requests) });
}
