import fc from 'fast-check';
import { mostly, someOf, wrongType } from './mostly.ts';

const noAmount = ['', '-1', '1e', '1 Gi', '1.', '1nn', -1, 1.5, null];
const cores = mostly(
  fc.constantFrom<(string | number)[]>(
    1,
    2,
    '3',
    '500m',
    '0.5',
    '1000m',
    '0.25',
    '1e0',
    '0.0001',
    '250000u',
    '123456789n',
  ),
  fc.constantFrom<unknown[]>(...noAmount, '1Gi', '1234567890'),
);
export const bytes = mostly(
  fc.constantFrom<(string | number)[]>(
    1_048_576,
    '2000000',
    '1Gi',
    '1.5Gi',
    '1024Ki',
    '2e7',
    '100Mi',
    '3T',
    '107374182400m',
    '107374182400000000n',
  ),
  fc.constantFrom<unknown[]>(...noAmount, '1Xi', '1000P', '1e16'),
);
const fewCores = fc.constantFrom('100m', '0.1', 1);
const manyCores = mostly(fc.constantFrom<(string | number)[]>(1, 2, '3', '1000m', '1e0'), cores);
const fewBytes = fc.constantFrom('64Mi', '2M', 1_048_576);
const manyBytes = mostly(
  fc.constantFrom<(string | number)[]>('1Gi', '1.5Gi', '100Mi', '3T', '107374182400m'),
  bytes,
);
const tooFewBytes = fc.constantFrom<(string | number)[]>(512, '512', '512m', '1k');
const device = mostly(fc.constantFrom<unknown[]>(1, '2'), fc.constantFrom<unknown[]>('500m', 0.5, '1.5', ''));
export const resources = mostly(
  fc.oneof(
    someOf({
      requests: someOf({ cpu: cores, memory: mostly(bytes, tooFewBytes) }),
      limits: someOf({ 'nvidia.com/gpu': device }),
    }),
    someOf({
      requests: someOf({ cpu: fewCores, memory: fewBytes, 'ephemeral-storage': fewBytes }),
      limits: someOf({
        cpu: manyCores,
        memory: manyBytes,
        'ephemeral-storage': manyBytes,
        'example.com/a_b.c-d': device,
        'hugepages-2Mi': fc.constantFrom('2Mi', '64Mi', '1Gi'),
      }),
    }),
  ),
  fc.constantFrom(
    { limits: { gpu: 1 } },
    { limits: { 'requests.kubernetes.io/x': 1 } },
    { limits: { 'nvidia.com/': 1 } },
    { requests: { 'nvidia.com/gpu': 1 } },
    { requests: { 'nvidia.com/gpu': 1 }, limits: { 'nvidia.com/gpu': 2 } },
    { requests: { 'nvidia.com/gpu': 1 }, limits: { 'nvidia.com/gpu': '1' } },
    { requests: { memory: '1025Mi' }, limits: { memory: '1Gi' } },
    { requests: { cpu: '2' }, limits: { cpu: '1999m' } },
  ),
  wrongType,
);
