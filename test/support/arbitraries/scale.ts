import fc from 'fast-check';
import { mostly, someOf } from './mostly.ts';

export const duration = (...good: string[]) =>
  mostly(
    fc.constantFrom(...good),
    fc.constantFrom<unknown[]>(
      '',
      '5s',
      '5',
      '1.5h',
      '100ms',
      '1d',
      's',
      '25h',
      '61m',
      '0s',
      '00s',
      '1m1h',
      60,
      '-1s',
      '9999h',
    ),
  );
const count = mostly(fc.integer({ min: 0, max: 5 }), fc.constantFrom<unknown[]>(-1, 1.5, 2147483648, '1'));
const target = mostly(
  mostly(
    fc.oneof(
      someOf({
        concurrency: fc.constantFrom(0.01, 1, 2.5, 1000000),
        utilization: fc.integer({ min: 1, max: 100 }),
      }),
      someOf({ rps: fc.constantFrom(0.01, 10, 99.9) }),
    ),
    ...[1, 80, 100].map((cpu) => fc.constant({ cpu })),
  ),
  fc.constantFrom<unknown[]>(
    { concurrency: 0 },
    { rps: 1, concurrency: 1 },
    { utilization: 0 },
    { utilization: 101 },
    { rps: '1' },
    { cpu: 80, memory: 100 },
    { cpu: 101 },
  ),
);
export const scale = someOf({
  minReplicas: count,
  maxReplicas: mostly(fc.integer({ min: 5, max: 9 }), count),
  initialReplicas: mostly(fc.integer({ min: 1, max: 3 }), count),
  target,
  containerConcurrency: mostly(count, fc.constantFrom(1000, 1001)),
  window: duration('6s', '1m', '1h', '1m30s'),
  scaleToZeroPodRetentionPeriod: duration('0s', '1h', '0h10m'),
  scaleDownDelay: duration('0s', '59m60s'),
  panicWindowPercentage: mostly(fc.constantFrom(1, 10, 100), fc.constantFrom(0, 101)),
  panicThresholdPercentage: mostly(fc.constantFrom(110, 1000), fc.constantFrom(109, 1001)),
  targetBurstCapacity: mostly(fc.integer({ min: -1, max: 300 }), fc.constantFrom(-2, 0.5)),
});
export const timeouts = someOf({
  request: duration('10m', '5m', '600s', '5m1s', '301s', '8m', '9m59s', '1h'),
  responseStart: duration('1s', '1m', '5m'),
  idle: duration('1s', '1m', '5m'),
  progress: duration('1s', '24h', '10m'),
});
