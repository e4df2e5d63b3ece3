import { describe, expect, it } from 'vitest';
import type { InferenceRuntime } from '#api/v1alpha1/runtime.ts';
import type { InferenceModelSpecInput } from '#api/v1alpha1/spec.ts';
import { capabilitiesOf } from '#knative/capabilities.ts';
import { chooseDelivery } from '#synth/pod/delivery.ts';
import { chooseRuntime, fullName } from '#synth/runtime.ts';
import { mergedServer } from '#synth/server.ts';
import { model } from '../support/models.ts';

const runtime = (
  name: string,
  format: string,
  spec: Partial<InferenceRuntime['spec']> = {},
): InferenceRuntime => ({
  name,
  spec: {
    version: '1',
    maturity: 'Experimental',
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
const written = (format: string, name?: string, version?: string): InferenceModelSpecInput => ({
  model: { format, uri: 's3://models/m' },
  ...(name && { runtime: { name, ...(version && { version }) } }),
});
const spec = (...asked: Parameters<typeof written>) => model(written(...asked)).spec;

describe('the runtime of a model', () => {
  it.each([
    ['onnx', undefined, 'best@1'],
    ['sklearn', undefined, 'a@1'],
    ['sklearn', 'b', 'b@1'],
    ['onnx', 'other@1', 'other@1'],
  ])('for %s, asked for %s, is %s', (format, asked, chosen) => {
    const [name, version] = asked?.split('@') ?? [];
    expect(fullName(chooseRuntime(spec(format, name, version), here))).toBe(chosen);
    expect(fullName(chooseRuntime(spec(format, name, version), here.toReversed()))).toBe(chosen);
  });

  it.each([
    ['xgboost', undefined, 'spec.model.format: no runtime serves xgboost; those here serve onnx, sklearn'],
    ['onnx', 'none', 'spec.runtime.name: there is no InferenceRuntime none; would do: best@1, other@1'],
    ['onnx', 'best@2', 'spec.runtime.name: best is here in version 1 only; would do: best@1, other@1'],
    ['onnx', 'a', 'spec.runtime.name: a does not serve onnx; would do: best@1, other@1'],
  ])('for %s, asked for %s, is refused with what would do', (format, asked, sentence) => {
    const [name, version] = asked?.split('@') ?? [];
    expect(() => chooseRuntime(spec(format, name, version), here)).toThrow(sentence);
  });

  it('is what the model wrote over it', () => {
    const given = runtime('a', 'sklearn', {
      container: { image: 'registry.example/a:1', args: ['--fast'], env: [{ name: 'THREADS', value: '1' }] },
      resources: { requests: { cpu: 1 } },
    });
    const asked = model({
      ...written('sklearn'),
      runtime: { image: 'mine:2', env: [{ name: 'THREADS', value: '8' }] },
    });
    expect(mergedServer(asked, { runtimes: [given], profiles: [] })).toMatchObject({
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

describe('the accelerator of a model', () => {
  const gpu = { 'nvidia.com/gpu': 1 };
  const on = (limits: Record<string, number>, runtime: InferenceModelSpecInput['runtime'] = {}) => ({
    model: { format: 'onnx', uri: 's3://models/m' },
    resources: { limits },
    runtime,
  });
  const cpu = runtime('cpu', 'onnx', { formats: [{ name: 'onnx', priority: 9 }] });
  const both = runtime('both', 'onnx', { accelerator: { devices: ['nvidia.com/gpu', 'amd.com/gpu'] } });
  const alone = runtime('alone', 'onnx', { accelerator: { devices: ['nvidia.com/gpu'], required: true } });
  const all = [cpu, both, alone];

  it.each([
    ['none', on({}), 'cpu@1'],
    ['none of it', on({ 'nvidia.com/gpu': 0 }), 'cpu@1'],
    ['a GPU', on(gpu), 'alone@1'],
    ['a GPU and another device', on({ ...gpu, 'rdma/hca': 1 }), 'alone@1'],
    ['a slice of a GPU', on({ 'nvidia.com/mig-1g.10gb': 1 }), 'alone@1'],
    ['a GPU that is shared', on({ 'nvidia.com/gpu.shared': 1 }), 'alone@1'],
    ['a GPU of another maker', on({ 'amd.com/gpu': 1 }), 'both@1'],
    ['a GPU that an image of its own can use', on(gpu, { name: 'cpu', image: 'mine:gpu' }), 'cpu@1'],
  ])('%s, is what its runtime runs on', (_, asking, chosen) => {
    expect(fullName(chooseRuntime(asking, all))).toBe(chosen);
  });

  it.each([
    [
      on({ 'habana.ai/gaudi': 1 }),
      'spec.resources.limits: no runtime serves onnx on habana.ai/gaudi: ask for what one here runs on (cpu@1 on CPU, alone@1 on nvidia.com/gpu, both@1 on CPU or nvidia.com/gpu or amd.com/gpu), or install an InferenceRuntime that does',
    ],
    [
      on(gpu, { name: 'cpu' }),
      'spec.runtime.name: cpu runs on CPU, and spec.resources.limits asks for nvidia.com/gpu; would do: alone@1, both@1',
    ],
    [
      on({ 'habana.ai/gaudi': 1 }, { name: 'cpu' }),
      'spec.runtime.name: cpu runs on CPU, and spec.resources.limits asks for habana.ai/gaudi; none here would do: install an InferenceRuntime that serves onnx on habana.ai/gaudi, or ask for something else',
    ],
    [
      on({}, { name: 'alone' }),
      'spec.runtime.name: alone runs on nvidia.com/gpu, and spec.resources.limits asks for a CPU alone; would do: both@1, cpu@1',
    ],
  ])('%j is refused with what would do', (asking, sentence) => {
    expect(() => chooseRuntime(asking, all)).toThrow(sentence);
  });
});

describe('what a runtime runs for a model', () => {
  const server = runtime('a', 'onnx', {
    container: {
      image: 'registry.example/a:1',
      command: ['serve', '$(MODEL_DIR)'],
      protocol: 'v2',
      port: 8080,
    },
    grpcPort: 9000,
    layout: { folder: '$(MODEL_NAME)/1', file: 'model.onnx' },
  });
  const of = (runtime?: InferenceModelSpecInput['runtime'], given = server) =>
    mergedServer(model({ ...written('onnx'), ...(runtime && { runtime }) }), {
      runtimes: [given],
      profiles: [],
    });

  it('has its model where it looks for it', () => {
    const { folder, file, container } = of();
    expect({ folder, file }).toEqual({ folder: '/mnt/models/iris/1', file: 'model.onnx' });
    expect(container.env).toContainEqual({ name: 'MODEL_DIR', value: '/mnt/models/iris/1' });
  });

  it('has it where the model says, if the model says so', () => {
    expect(of({ layout: { folder: '$(MODEL_NAME)' } })).toMatchObject({
      folder: '/mnt/models/iris',
      file: 'model.onnx',
    });
  });

  it('has what the runtime asks for, but for what the model asks for itself', () => {
    const given = { ...server.spec, resources: { requests: { cpu: '100m', memory: '1Gi' } } };
    const asked = model({
      ...written('onnx'),
      resources: { requests: { cpu: 2 }, limits: { 'example.com/fpga': 1 } },
      runtime: { image: 'mine:1' },
    });
    expect(mergedServer(asked, { runtimes: [{ name: 'a', spec: given }], profiles: [] }).resources).toEqual({
      requests: { cpu: 2, memory: '1Gi' },
      limits: { 'example.com/fpga': 1 },
    });
  });

  it('speaks gRPC where the model asks for it, and says over HTTP when it is ready', () => {
    expect(of({ transport: 'h2c' }).container).toMatchObject({
      transport: 'h2c',
      port: 9000,
      readiness: { http: { path: '/v2/models/iris/ready', port: 8080 } },
    });
  });

  it('is refused where the model asks for gRPC and the runtime speaks none', () => {
    const { grpcPort: _, ...silent } = server.spec;
    expect(() => of({ transport: 'h2c' }, { name: 'a', spec: silent })).toThrow(
      'spec.runtime.transport: a@1 speaks http1 only: leave it out',
    );
  });

  it('has the name of the model in its ready path', () => {
    const readiness = { http: { path: '/v1/models/$(MODEL_NAME)' } };
    const v1 = { ...server.spec, container: { ...server.spec.container, readiness } };
    expect(of({}, { name: 'a', spec: v1 }).container.readiness?.http?.path).toBe('/v1/models/iris');
    expect(of({ transport: 'h2c' }, { name: 'a', spec: v1 }).container.readiness).toEqual({
      http: { path: '/v1/models/iris', port: 8080 },
    });
  });
});

describe('the way of a model to its server', () => {
  const initContainers = { 'config-features': { 'kubernetes.podspec-init-containers': 'Enabled' } };
  const nothing = { 'config-features': { 'multi-container': 'disabled' } };

  it.each([
    ['a stock Knative', {}, {}, 'Sidecar'],
    ['a Knative with init containers', initContainers, {}, 'InitContainer'],
    ['a server that reads it itself', {}, { reads: ['s3' as const] }, 'Direct'],
  ])('on %s', (_, settings, own, delivery) => {
    expect(chooseDelivery(spec('sklearn'), runtime('a', 'sklearn', own), capabilitiesOf(settings))).toBe(
      delivery,
    );
  });

  it('is never past the fetcher where something stands that only the fetcher heeds', () => {
    const own = runtime('a', 'sklearn', { reads: ['s3', 'az'] });
    const choose = (uri: string, more: object) =>
      chooseDelivery({ model: { format: 'sklearn', uri, ...more } }, own, capabilitiesOf({}));
    const credentials = { secretRef: { name: 'bucket' } };
    expect(choose('s3://models/m', {})).toBe('Direct');
    expect(choose('az://models/m', {})).toBe('Direct');
    for (const more of [{ credentials }, { maxSize: '1Gi' }, { digest: `sha256:${'0'.repeat(64)}` }])
      expect(choose('s3://models/m', more)).toBe('Sidecar');
    expect(() => choose('az://models/m', { credentials })).toThrow(
      'spec.model.uri: a@1 reads az:// itself, without a word of spec.model.credentials: leave that out, or use s3://, gs://, https://, hf://, oci:// or pvc://',
    );
    expect(() => choose('file:///models/m', {})).toThrow(
      'file:// cannot be read in a pod: use s3://, gs://, https://, hf://, oci:// or pvc://',
    );
  });

  const claims = { 'config-features': { 'kubernetes.podspec-persistent-volume-claim': 'enabled' } };
  const claimsAndInit = {
    'config-features': {
      ...claims['config-features'],
      'kubernetes.podspec-persistent-volume-write': 'enabled',
      'kubernetes.podspec-init-containers': 'enabled',
    },
  };
  const images = { 'config-features': { 'kubernetes.podspec-volumes-image': 'enabled' } };
  const cache = { claimName: 'models' };

  it.each<[string, object, object, string]>([
    ['pvc://models/iris.joblib', {}, claims, 'Mounted'],
    ['oci://registry.example/iris:v3', {}, images, 'Mounted'],
    ['oci://registry.example/iris:v3', {}, {}, 'Sidecar'],
    ['oci://registry.example/iris:v3', { digest: `sha256:${'a'.repeat(64)}` }, images, 'Sidecar'],
    ['oci://registry.example/iris:v3', { cache }, claimsAndInit, 'Cache'],
    ['s3://models/iris', { cache }, claimsAndInit, 'Cache'],
  ])(
    'of %s is by a volume where the cluster lets it through, and else fetched where it can be',
    (uri, more, settings, delivery) => {
      const spec = { model: { format: 'sklearn', uri, ...more } };
      expect(chooseDelivery(spec, runtime('a', 'sklearn'), capabilitiesOf(settings))).toBe(delivery);
    },
  );

  it.each<[string, object, object, object, string]>([
    [
      'pvc://models/iris',
      {},
      {},
      {},
      'this cluster allows no PersistentVolumeClaims: kubectl patch configmap config-features',
    ],
    ['pvc://models/../iris', {}, {}, claims, '".." leads out of it: write the path without'],
    ['pvc://Models/iris', {}, {}, claims, '"Models" cannot be the name of a PersistentVolumeClaim'],
    ['oci://', {}, {}, images, '"" cannot be an image: write oci://registry.example.com/iris:v3'],
    [
      'pvc://models/iris',
      { maxSize: '1Gi', cache },
      {},
      claims,
      'spec.model.maxSize, spec.model.cache: a model of pvc:// is mounted as it is: leave that out',
    ],
    [
      'pvc://models/iris',
      {},
      { layout: { writable: true } },
      claims,
      'a model of pvc:// is read-only: use another place',
    ],
    ['s3://models/iris', { cache }, { layout: { writable: true } }, claimsAndInit, 'and a cache is shared'],
    [
      's3://models/iris',
      { cache },
      {},
      {},
      'this cluster allows no init containers and PersistentVolumeClaims and claims that are written to: kubectl patch',
    ],
  ])('of %s is refused with what to do: %j %j', (uri, more, own, settings, sentence) => {
    const spec = { model: { format: 'sklearn', uri, ...more } };
    expect(() => chooseDelivery(spec, runtime('a', 'sklearn', own), capabilitiesOf(settings))).toThrow(
      sentence,
    );
  });

  it('is by the command that the model has, its own or that of the runtime', () => {
    const without = runtime('a', 'sklearn', { container: { image: 'registry.example/a:1' } });
    const choose = (command: string[]) =>
      chooseDelivery({ ...spec('sklearn'), runtime: { command } }, without, capabilitiesOf({}));
    expect(choose(['serve'])).toBe('Sidecar');
    expect(() => choose([])).toThrow('a@1 has no shell and command to wait with');
  });

  it.each([
    [
      'a cluster without flags',
      nothing,
      {},
      'this cluster allows no second container with an emptyDir, and this cluster allows no init containers',
    ],
    [
      'a server without a shell',
      {},
      { shell: 'Absent' as const },
      'a@1 has no shell and command to wait with',
    ],
  ])('is refused on %s, with the patch that helps', (_, settings, own, sentence) => {
    const choose = () =>
      chooseDelivery(spec('sklearn'), runtime('a', 'sklearn', own), capabilitiesOf(settings));
    expect(choose).toThrow(sentence);
    expect(choose).toThrow(
      `kubectl patch configmap config-features -n knative-serving --type merge -p '{"data":{"kubernetes.podspec-init-containers":"enabled"}}'`,
    );
  });
});
