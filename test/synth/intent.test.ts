import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { intentOf } from '#synth/intent.ts';
import { model } from '../support/models.ts';

type Spec = Parameters<typeof model>[0];
const cpu = (amount: string | number): Spec => ({ resources: { requests: { cpu: amount } } });
const memory = (amount: string | number): Spec => ({ resources: { requests: { memory: amount } } });
const container = { image: 'registry.example/iris:1' };

describe('an intent', () => {
  it.each<{ name: string; given: Spec; other: Spec }>([
    { name: 'cores with and without a suffix', given: cpu(1), other: cpu('1000m') },
    { name: 'cores with a fraction', given: cpu('0.5'), other: cpu('500m') },
    { name: 'memory in another unit', given: memory('1Gi'), other: memory('1024Mi') },
    { name: 'memory in bytes', given: memory('1Gi'), other: memory(1_073_741_824) },
    { name: 'memory in thousandths', given: memory('0.1Gi'), other: memory('107374182400m') },
    {
      name: 'durations',
      given: { timeouts: { request: '60s' } },
      other: { timeouts: { request: '1m' } },
    },
    {
      name: 'defaults that are written out',
      given: { container: { ...container, port: 8080, transport: 'http1' } },
      other: { container },
    },
    {
      name: 'empty lists and maps',
      given: { container: { ...container, env: [], args: [] }, resources: { limits: {} } },
      other: { container },
    },
    {
      name: 'bounds of scale and access, which act on pods that run',
      given: { scale: { minReplicas: 2, maxReplicas: 4 }, access: { visibility: 'Public' } },
      other: {},
    },
  ])('is one for other spellings of $name', ({ given, other }) => {
    expect(intentOf(model(given))).toBe(intentOf(model(other)));
  });

  it.each<{ name: string; given: Spec }>([
    { name: 'image', given: { container: { image: 'registry.example/iris:2' } } },
    { name: 'port', given: { container: { ...container, port: 9000 } } },
    { name: 'amount', given: cpu('501m') },
    { name: 'timeout', given: { timeouts: { request: '61s' } } },
    { name: 'bound of concurrency', given: { scale: { containerConcurrency: 1 } } },
  ])('is another one for another $name', ({ given }) => {
    expect(intentOf(model(given))).not.toBe(intentOf(model()));
  });

  it('names the scheme by which it was made', () => {
    expect(intentOf(model())).toMatch(/^v2\./);
  });

  it('is one for any spelling of an amount, and another for another amount', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1024, max: 1_000_000 }), (mebibytes) => {
        const spellings = [`${mebibytes}Mi`, `${mebibytes * 1024}Ki`, `${mebibytes * 1_048_576}`];
        const intents = spellings.map((each) => intentOf(model(memory(each))));
        expect(new Set(intents).size).toBe(1);
        expect(intents).not.toContain(intentOf(model(memory(`${mebibytes + 1}Mi`))));
      }),
    );
  });
});
