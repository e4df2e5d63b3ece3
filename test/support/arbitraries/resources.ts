import fc from 'fast-check';
import { mostly, someOf, wrongType } from './mostly.ts';

const noAmount = ['', '-1', '1e3', '1 Gi', '0.5m', '1.2345', -1, 1.5, null];
const cores = mostly(
  fc.constantFrom<(string | number)[]>(1, 2, '3', '500m', '0.5', '1000m', '0.25'),
  fc.constantFrom<unknown[]>(...noAmount, '1Gi', '2k', '1234567'),
);
export const bytes = mostly(
  fc.constantFrom<(string | number)[]>(1000, '2000000', '1Gi', '1.5Gi', '0.5Ki', '2k', '100Mi', '3T', '2Ti'),
  fc.constantFrom<unknown[]>(...noAmount, '500m', '0.5', '1234567Gi'),
);
const fewCores = fc.constantFrom('100m', '0.1', 1);
const fewBytes = fc.constantFrom('64Mi', '1k', 1);
const device = mostly(fc.constantFrom<unknown[]>(1, '2'), fc.constantFrom<unknown[]>('500m', 0.5, '1.5', ''));
export const resources = mostly(
  fc.oneof(
    someOf({
      requests: someOf({ cpu: cores, memory: bytes }),
      limits: someOf({ 'nvidia.com/gpu': device }),
    }),
    someOf({
      requests: someOf({ cpu: fewCores, memory: fewBytes, 'ephemeral-storage': fewBytes }),
      limits: someOf({
        cpu: cores,
        memory: bytes,
        'ephemeral-storage': bytes,
        'example.com/a_b.c-d': device,
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
