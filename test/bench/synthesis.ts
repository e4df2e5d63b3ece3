import type { InferenceModelSpecInput } from '#api/v1alpha1/spec.ts';
import { synthesize } from '#synth/synthesize.ts';
import { environment } from '../support/environment.ts';
import { model } from '../support/models.ts';
import type { Figures } from './figures.ts';
import { median, quantile } from './figures.ts';
import { spec } from './payload.ts';

const models: Readonly<Record<string, InferenceModelSpecInput>> = {
  container: spec,
  'from a bucket': {
    model: { format: 'sklearn', uri: 's3://models/iris', credentials: { secretRef: { name: 'bucket' } } },
    resources: { requests: { cpu: '100m', memory: '256Mi' } },
  },
};

const warmUp = 2000;
const measured = 5000;

/** How long the pure function takes for one model, warm, and how much it allocates. */
export function synthesis(figures: Figures): void {
  const cluster = environment();
  for (const [kind, spec] of Object.entries(models)) {
    const make = (index: number) => synthesize(model(spec, { name: `model-${index}` }), cluster);
    for (let index = 0; index < warmUp; index += 1) make(index);
    const times: number[] = [];
    const allocated: number[] = [];
    for (let index = 0; index < measured; index += 1) {
      const heap = process.memoryUsage().heapUsed;
      const start = performance.now();
      make(index);
      times.push((performance.now() - start) * 1000);
      allocated.push(process.memoryUsage().heapUsed - heap);
    }
    const p50 = median(times);
    figures.add({ n: 1, what: `synthesis, ${kind}: p50`, value: p50, unit: 'us', target: 150 });
    figures.add({ n: 1, what: `synthesis, ${kind}: p99`, value: quantile(times, 0.99), unit: 'us' });
    figures.add({ n: 1, what: `synthesis, ${kind}: rate at p50`, value: 1e6 / p50, unit: '1/s' });
    figures.add({ n: 1, what: `synthesis, ${kind}: allocated`, value: median(allocated) / 1000, unit: 'kB' });
  }
}
