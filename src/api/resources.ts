import * as z from 'zod';
import { type Quantity, quantity, thousandths } from './quantity.ts';
import { rule, withExtras } from './rules.ts';

const most = 16;
/** What every node has; all else is devices. */
export const nativeResources = ['cpu', 'memory', 'ephemeral-storage'] as const;

export const isNative = (name: string): boolean => nativeResources.some((native) => native === name);
const extended = /^[a-z0-9][-.a-z0-9]{0,62}[.][a-z]{2,20}\/[a-zA-Z0-9]([-_.a-zA-Z0-9]{0,48}[a-zA-Z0-9])?$/;

/** Whether a resource is a device or the like, of which Kubernetes gives whole ones and never shares. */
const isExtended = (name: string) => extended.test(name) && !name.includes('kubernetes.io/');
/** What is no quantity is refused by its own rule, and is compared with nothing. */
const celQuantity = (text: string) => `isQuantity(string(${text}))`;
const celNative = `[${nativeResources.map((name) => `'${name}'`).join(', ')}]`;
const celExtended = `name.matches(r'${extended.source.replaceAll('\\/', '/')}') && !name.contains('kubernetes.io/')`;

export const deviceName = rule(
  z.string().max(128),
  celExtended.replaceAll('name.', 'self.'),
  'must be the name of a device, such as nvidia.com/gpu',
  isExtended,
);

const named = rule(
  withExtras(
    z.record(z.string(), quantity).refine((amounts) => Object.keys(amounts).length <= most, {
      message: `must have at most ${most} entries`,
    }),
    { merge: { maxProperties: most } },
  ),
  `self.all(name, name in ${celNative} || (${celExtended}))`,
  'knows cpu, memory, ephemeral-storage and devices such as nvidia.com/gpu',
  (amounts) => Object.keys(amounts).every((name) => isNative(name) || isExtended(name)),
);

const amounts = rule(
  named,
  `self.all(name, name in ${celNative} || !${celQuantity('self[name]')} || quantity(string(self[name])).isInteger())`,
  'needs whole numbers of devices',
  (entries) =>
    Object.entries(entries).every(([name, value]) => isNative(name) || thousandths(value) % 1000n === 0n),
);

type Amounts = Readonly<Record<string, Quantity>>;
interface Both {
  readonly requests?: Amounts | undefined;
  readonly limits?: Amounts | undefined;
}

const withinLimits = ({ requests = {}, limits = {} }: Both) =>
  Object.entries(requests).every(([name, value]) => {
    const limit = limits[name];
    return limit === undefined || thousandths(value) <= thousandths(limit);
  });

const devicesEqual = ({ requests = {}, limits = {} }: Both) =>
  Object.entries(requests).every(([name, value]) => {
    const limit = limits[name];
    return isNative(name) || (limit !== undefined && thousandths(value) === thousandths(limit));
  });

export const resources = rule(
  rule(
    z.strictObject({
      requests: amounts.optional().describe('What the scheduler keeps free for the container.'),
      limits: amounts.optional().describe('What the container may use at most. Devices stand here.'),
    }),
    `!has(self.requests) || !has(self.limits) || self.requests.all(name, !(name in self.limits) || !${celQuantity('self.requests[name]')} || !${celQuantity('self.limits[name]')} || quantity(string(self.requests[name])).compareTo(quantity(string(self.limits[name]))) <= 0)`,
    'requests more than its limit: lower the request or raise the limit',
    withinLimits,
  ),
  `!has(self.requests) || self.requests.all(name, name in ${celNative} || !${celQuantity('self.requests[name]')} || (has(self.limits) && name in self.limits && (!${celQuantity('self.limits[name]')} || quantity(string(self.requests[name])).compareTo(quantity(string(self.limits[name]))) == 0)))`,
  'requests a device without the same number in limits: write it in limits alone',
  devicesEqual,
);

export type Resources = z.infer<typeof resources>;
