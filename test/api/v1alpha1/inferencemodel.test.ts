import { describe, expect, it } from 'vitest';
import { manifest } from '../../support/models.ts';
import { problems } from '../problems.ts';

const container = { image: 'registry.example/iris:1' };

describe('an InferenceModel', () => {
  it('needs no more than an image', () => {
    expect(problems(manifest({ container }))).toEqual([]);
  });

  it.each([
    ['neither model nor container', {}, 'spec: needs exactly one of model'],
    [
      'both model and container',
      { container, model: { format: 'sklearn', uri: 's3://a/b' } },
      'spec: needs exactly one of model',
    ],
    [
      'a runtime for a container',
      { container, runtime: { name: 'mlserver' } },
      'spec: has a runtime without a model',
    ],
    [
      'a URI without a scheme',
      { model: { format: 'sklearn', uri: '/mnt/a' } },
      'spec.model.uri: must be a URI that begins with s3://, gs://, https://, hf://, oci:// or pvc://',
    ],
    [
      'an unknown field',
      { container: { ...container, imagee: 'x' } },
      'spec.container: there is no field imagee: did you mean image?',
    ],
    [
      'an image with a space',
      { container: { image: 'a b' } },
      'spec.container.image: must be an image reference',
    ],
    [
      "Knative's own port",
      { container: { ...container, port: 8012 } },
      "spec.container.port: is kept for Knative's queue-proxy",
    ],
    [
      "Knative's own variable",
      { container: { ...container, env: [{ name: 'PORT', value: '1' }] } },
      'spec.container.env[0].name: is set by Knative itself',
    ],
    [
      'a variable twice',
      { container: { ...container, env: [{ name: 'A' }, { name: 'A' }] } },
      'spec.container.env[1].name: appears twice: A',
    ],
    [
      'a variable with two values',
      {
        container: {
          ...container,
          env: [{ name: 'A', value: 'x', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }],
        },
      },
      'spec.container.env[0]: has both value and valueFrom',
    ],
    [
      'root without saying so',
      { container: { ...container, securityContext: { runAsUser: 0 } } },
      'spec.container.securityContext: runAsUser 0 is root: add runAsNonRoot: false',
    ],
    [
      'minReplicas above maxReplicas',
      { container, scale: { minReplicas: 3, maxReplicas: 2 } },
      'spec.scale: has minReplicas above maxReplicas',
    ],
    [
      'a window below the least',
      { container, scale: { window: '5s' } },
      'spec.scale.window: must be a duration from 6s to 1h',
    ],
    [
      'two targets',
      { container, scale: { target: { rps: 1, concurrency: 1 } } },
      'spec.scale.target: has more than one of concurrency, rps',
    ],
    [
      'a wait for the answer above the whole request',
      { container, timeouts: { request: '1m', responseStart: '61s' } },
      'spec.timeouts: has responseStart above request',
    ],
    [
      'a request above its limit',
      { container, resources: { requests: { cpu: 2 }, limits: { cpu: '1500m' } } },
      'spec.resources: requests more than its limit',
    ],
    [
      'memory in thousandths of a byte',
      { container, resources: { limits: { memory: '512m' } } },
      'spec.resources.limits.memory: must be 1Mi or more: without a unit it is of bytes; write 512Mi or 2Gi',
    ],
    [
      'a device in requests alone',
      { container, resources: { requests: { 'nvidia.com/gpu': 1 } } },
      'spec.resources: requests a device or huge pages without the same amount in limits',
    ],
    [
      'half a device',
      { container, resources: { limits: { 'nvidia.com/gpu': '500m' } } },
      'spec.resources.limits: needs whole numbers of devices',
    ],
    [
      'a volume that its container does not mount',
      { container, pod: { volumes: [{ name: 'a', emptyDir: {} }] } },
      'spec.pod.volumes: has a volume that no volumeMounts of spec.container name',
    ],
    [
      'a part of a huge page',
      { container, resources: { limits: { 'hugepages-2Mi': '3Mi' } } },
      'spec.resources.limits.hugepages-2Mi: must be a multiple of the size of a page, 2Mi',
    ],
    [
      'huge pages of no size',
      { container, resources: { limits: { 'hugepages-big': '4Mi' } } },
      'spec.resources.limits.hugepages-big: must be named by the size of its pages, such as hugepages-2Mi',
    ],
    [
      'CPU as a fraction without quotes',
      { container, resources: { limits: { cpu: 0.5 } } },
      'spec.resources.limits.cpu: must be a whole number, or text: put a fraction in quotes',
    ],
    [
      'an unknown resource',
      { container, resources: { limits: { gpu: 1 } } },
      'spec.resources.limits: knows cpu, memory',
    ],
  ])('with %s is refused with a sentence', (_, spec, sentence) => {
    expect(problems(manifest(spec))).toEqual([expect.stringContaining(sentence)]);
  });

  it.each(['Iris', '1iris', 'iris-', 'a.b', 'x'.repeat(49)])('cannot be named "%s"', (name) => {
    expect(problems(manifest({ container }, { name }))).toEqual([
      expect.stringContaining('metadata.name: must be lower case'),
    ]);
  });

  it('cannot be in a namespace that none can be called', () => {
    expect(problems(manifest({ container }, { namespace: 'Team_A' }))).toEqual([
      'metadata.namespace: must be the name of a namespace: lower case letters, digits and "-"',
    ]);
  });
});
