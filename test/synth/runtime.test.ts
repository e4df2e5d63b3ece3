import { describe, expect, it } from 'vitest';
import type { InferenceRuntime } from '../../src/api/runtime.ts';
import type { InferenceModelSpec } from '../../src/api/spec.ts';
import { capabilitiesOf } from '../../src/synth/capabilities.ts';
import { chooseDelivery } from '../../src/synth/delivery.ts';
import { chooseRuntime, fullName } from '../../src/synth/runtime.ts';
import { serverOf } from '../../src/synth/server.ts';

const runtime = (
  name: string,
  format: string,
  spec: Partial<InferenceRuntime['spec']> = {},
): InferenceRuntime => ({
  name,
  spec: {
    version: '1',
    maturity: 'experimental',
    formats: [{ name: format, priority: 1 }],
    container: { image: `registry.example/${name}:1`, command: ['serve'] },
    ...spec,
  },
});
const here = [
  runtime('b', 'sklearn'),
  runtime('a', 'sklearn'),
  runtime('best', 'onnx', { formats: [{ name: 'onnx', priority: 9 }] }),
  runtime('other', 'onnx'),
];
const spec = (format: string, name?: string): InferenceModelSpec => ({
  model: { format, uri: 's3://models/m' },
  ...(name && { runtime: { name } }),
});

describe('the runtime of a model', () => {
  it.each([
    ['onnx', undefined, 'best@1'],
    ['sklearn', undefined, 'a@1'],
    ['sklearn', 'b', 'b@1'],
    ['onnx', 'other@1', 'other@1'],
  ])('for %s, asked for %s, is %s', (format, asked, chosen) => {
    expect(fullName(chooseRuntime(spec(format, asked), here))).toBe(chosen);
    expect(fullName(chooseRuntime(spec(format, asked), here.toReversed()))).toBe(chosen);
  });

  it.each([
    ['xgboost', undefined, 'spec.model.format: no runtime serves xgboost; those here serve onnx, sklearn'],
    ['onnx', 'none', 'spec.runtime.name: there is no InferenceRuntime none; would do: best@1, other@1'],
    ['onnx', 'best@2', 'spec.runtime.name: best is here in version 1 only; would do: best@1, other@1'],
    ['onnx', 'a', 'spec.runtime.name: a does not serve onnx; would do: best@1, other@1'],
  ])('for %s, asked for %s, is refused with what would do', (format, asked, sentence) => {
    expect(() => chooseRuntime(spec(format, asked), here)).toThrow(sentence);
  });

  it('is what the model wrote over it', () => {
    const given = runtime('a', 'sklearn', {
      container: { image: 'registry.example/a:1', args: ['--fast'], env: [{ name: 'THREADS', value: '1' }] },
      resources: { requests: { cpu: 1 } },
    });
    const written = {
      ...spec('sklearn'),
      runtime: { image: 'mine:2', env: [{ name: 'THREADS', value: '8' }] },
    };
    expect(serverOf({ metadata: { name: 'iris' }, spec: written }, [given])).toMatchObject({
      container: {
        image: 'mine:2',
        args: ['--fast'],
        env: [
          { name: 'MODEL_NAME', value: 'iris' },
          { name: 'MODEL_DIR', value: '/mnt/models' },
          { name: 'MODEL_URI', value: 's3://models/m' },
          { name: 'THREADS', value: '8' },
        ],
      },
      resources: { requests: { cpu: 1 } },
    });
  });
});

describe('the way of a model to its server', () => {
  const initContainers = { 'config-features': { 'kubernetes.podspec-init-containers': 'Enabled' } };
  const nothing = { 'config-features': { 'multi-container': 'disabled' } };

  it.each([
    ['a stock Knative', {}, {}, 'sidecar'],
    ['a Knative with init containers', initContainers, {}, 'init-container'],
    ['a server that reads it itself', {}, { reads: ['s3' as const] }, 'direct'],
  ])('on %s', (_, settings, own, delivery) => {
    expect(chooseDelivery(spec('sklearn'), runtime('a', 'sklearn', own), capabilitiesOf(settings))).toBe(
      delivery,
    );
  });

  it.each([
    ['a cluster without flags', nothing, {}, 'allows neither init containers nor a second container'],
    ['a server without a shell', {}, { shell: false }, 'a@1 has no shell and command to wait with'],
  ])('is refused on %s, with the patch that helps', (_, settings, own, sentence) => {
    const choose = () =>
      chooseDelivery(spec('sklearn'), runtime('a', 'sklearn', own), capabilitiesOf(settings));
    expect(choose).toThrow(sentence);
    expect(choose).toThrow(
      `kubectl patch configmap config-features -n knative-serving --type merge -p '{"data":{"kubernetes.podspec-init-containers":"enabled"}}'`,
    );
  });
});
