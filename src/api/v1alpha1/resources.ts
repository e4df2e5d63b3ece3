import * as z from 'zod';
import {
  bytes,
  cores,
  devices,
  type Measure,
  nanoValue,
  type Quantity,
  quantity,
} from '../schema/quantity.ts';
import { rule, withExtras } from '../schema/rules.ts';

const maxEntries = 8;
const native = [
  ['cpu', cores],
  ['memory', bytes],
  ['ephemeral-storage', bytes],
] as const;
const measures = new Map<string, Measure>(native);
/** What every node has; all else is devices. */
export const nativeResources = native.map(([name]) => name);

export const isNative = (name: string): boolean => measures.has(name);
/** Memory in pages of a size of their own, such as `hugepages-2Mi`. */
export const isHugePages = (name: string): boolean => name.startsWith('hugepages-');
export const isDevice = (name: string): boolean => !isNative(name) && !isHugePages(name);
/** How amounts of a resource are written. */
export const measureOf = (name: string): Measure =>
  measures.get(name) ?? (isHugePages(name) ? bytes : devices);

const extended = /^[a-z0-9][-.a-z0-9]{0,62}[.][a-z]{2,20}\/[a-zA-Z0-9]([-_.a-zA-Z0-9]{0,48}[a-zA-Z0-9])?$/;

/** Whether a resource is a device or the like, of which Kubernetes gives whole ones and never shares. */
const isExtended = (name: string) => extended.test(name) && !name.includes('kubernetes.io/');
const celNative = `[${nativeResources.map((name) => `'${name}'`).join(', ')}]`;
const celMemory = `name in ${celNative} || name.startsWith('hugepages-')`;
const celExtended = `name.matches(r'${extended.source.replaceAll('\\/', '/')}') && !name.contains('kubernetes.io/')`;

export const deviceName = rule(
  z.string().max(128),
  celExtended.replaceAll('name.', 'self.'),
  'must be the name of a device, such as nvidia.com/gpu',
  isExtended,
);

const named = rule(
  withExtras(
    z.record(z.string(), quantity).refine((amounts) => Object.keys(amounts).length <= maxEntries, {
      message: `must have at most ${maxEntries} entries`,
    }),
    { merge: { maxProperties: maxEntries } },
  ),
  `self.all(name, ${celMemory} || (${celExtended}))`,
  'knows cpu, memory, ephemeral-storage, hugepages-* and devices such as nvidia.com/gpu',
  (amounts) => Object.keys(amounts).every((name) => !isDevice(name) || isExtended(name)),
);

const ofDevices = rule(
  named,
  `self.all(name, ${celMemory} || ${devices.cel('self[name]')})`,
  'needs whole numbers of devices, such as 1',
  (amounts) => Object.entries(amounts).every(([name, value]) => !isDevice(name) || devices.isValid(value)),
);

const amounts = native.reduce(
  (schema, [name, { cel, message, isValid }]) =>
    rule(
      schema,
      `!('${name}' in self) || ${cel(`self['${name}']`)}`,
      message,
      ({ [name]: value }) => value === undefined || isValid(value),
      [name],
    ),
  ofDevices,
);

/** Kubernetes gives whole pages. It is checked here alone: CRDs stay small. */
const ofHugePages = withExtras(
  amounts.superRefine((given, context) => {
    for (const [name, value] of Object.entries(given).filter(([key]) => isHugePages(key))) {
      const [, page] = /^hugepages-([1-9]\d{0,3}[KMG]i)$/.exec(name) ?? [];
      const message = page
        ? `must be a multiple of the size of a page, ${page}`
        : 'must be named by the size of its pages, such as hugepages-2Mi or hugepages-1Gi';
      if (!page || !bytes.isValid(value) || nanoValue(value) % nanoValue(page) !== 0n)
        context.addIssue({ code: 'custom', path: [name], message });
    }
  }),
  {},
  amounts,
);

/** Less is a mistake of the unit: no container runs in it. */
const minMemory = '1Mi';
const ofMemory = rule(
  ofHugePages,
  `!('memory' in self) || !isQuantity(string(self['memory'])) || quantity(string(self['memory'])).compareTo(quantity('${minMemory}')) >= 0`,
  `must be ${minMemory} or more: without a unit it is of bytes; write 512Mi or 2Gi`,
  ({ memory }) => memory === undefined || !bytes.isValid(memory) || nanoValue(memory) >= nanoValue(minMemory),
  ['memory'],
);

type Amounts = Readonly<Record<string, Quantity>>;
interface Both {
  readonly requests?: Amounts | undefined;
  readonly limits?: Amounts | undefined;
}

const withinLimits = ({ requests = {}, limits = {} }: Both) =>
  native.every(([name, { isValid }]) => {
    const request = requests[name];
    const limit = limits[name];
    if (request === undefined || limit === undefined || !isValid(request) || !isValid(limit)) return true;
    return nanoValue(request) <= nanoValue(limit);
  });

const devicesEqual = ({ requests = {}, limits = {} }: Both) =>
  Object.entries(requests).every(([name, value]) => isNative(name) || String(value) === String(limits[name]));

const celRequest = 'string(self.requests[name])';
const celLimit = 'string(self.limits[name])';

export const resources = rule(
  rule(
    z.strictObject({
      requests: ofMemory.optional().describe('What the scheduler keeps free for the container.'),
      limits: ofMemory.optional().describe('What the container may use at most. Devices stand here.'),
    }),
    // What is no quantity is refused by its own rule, and is compared with nothing.
    `!has(self.requests) || !has(self.limits) || ${celNative}.all(name, !(name in self.requests) || !(name in self.limits) || !isQuantity(${celRequest}) || !isQuantity(${celLimit}) || quantity(${celRequest}).compareTo(quantity(${celLimit})) <= 0)`,
    'requests more than its limit: lower the request or raise the limit',
    withinLimits,
  ),
  `!has(self.requests) || self.requests.all(name, name in ${celNative} || (has(self.limits) && name in self.limits && ${celRequest} == ${celLimit}))`,
  'requests a device or huge pages without the same amount in limits: write it in limits alone',
  devicesEqual,
);

export type Resources = z.infer<typeof resources>;
