import { expect, it } from 'vitest';
import { capabilitiesOf } from '#knative/capabilities.ts';
import { amounts, none, plus, podRequests, quantities, queueProxyRequests, times } from '#plan/amounts.ts';

const container = (requests?: Record<string, string>, limits?: Record<string, string>) => ({
  resources: { ...(requests && { requests }), ...(limits && { limits }) },
});

it.each<[string, object, Record<string, string>]>([
  ['nothing, where nothing is written', { containers: [{}, { resources: {} }] }, {}],
  [
    'what its containers request together',
    { containers: [container({ cpu: '500m', memory: '1Gi' }), container({ cpu: '50m', memory: '64Mi' })] },
    { cpu: '550m', memory: '1088Mi' },
  ],
  [
    'a limit, where no request is written, as that of a device',
    { containers: [container({ cpu: '1' }, { cpu: '2', 'nvidia.com/gpu': '1' })] },
    { cpu: '1', 'nvidia.com/gpu': '1' },
  ],
  [
    'the most of one init container, where that is more',
    {
      containers: [container({ cpu: '1', memory: '1Gi' })],
      initContainers: [container({ cpu: '2' }), container({ memory: '2Gi' })],
    },
    { cpu: '2', memory: '2Gi' },
  ],
])('a pod requests %s', (_, spec, expected) => {
  expect(quantities(podRequests(spec, none))).toEqual(expected);
});

it('three pods request three times as much, in the spelling of Kubernetes', () => {
  const pod = amounts({ cpu: '500m', memory: '512Mi', 'ephemeral-storage': '1G', 'nvidia.com/gpu': 2 });
  expect(quantities(times(pod, 3))).toEqual({
    cpu: '1500m',
    memory: '1536Mi',
    'ephemeral-storage': '3G',
    'nvidia.com/gpu': '6',
  });
});

it('amounts in different spellings add up', () => {
  expect(quantities(plus(amounts({ memory: '1Gi' }), amounts({ memory: '1073741824' })))).toEqual({
    memory: '2Gi',
  });
});

it.each<[string, Record<string, string> | undefined, Record<string, string>]>([
  ['as shipped', undefined, { cpu: '25m' }],
  [
    'as the cluster says',
    { 'queue-sidecar-cpu-request': '100m', 'queue-sidecar-memory-request': '50Mi' },
    { cpu: '100m', memory: '50Mi' },
  ],
  ['as shipped where the cluster says nonsense', { 'queue-sidecar-cpu-request': 'much' }, { cpu: '25m' }],
])('queue-proxy requests %s', (_, data, expected) => {
  expect(quantities(queueProxyRequests(capabilitiesOf(data && { 'config-deployment': data })))).toEqual(
    expected,
  );
});

it('queue-proxy requests what a model says of it, in the place of what the cluster says', () => {
  const capabilities = capabilitiesOf({
    'config-deployment': { 'queue-sidecar-cpu-request': '100m', 'queue-sidecar-memory-request': '50Mi' },
  });
  const annotations = { 'queue.sidecar.serving.knative.dev/cpu-resource-request': '300m' };
  expect(quantities(queueProxyRequests(capabilities, annotations))).toEqual({ cpu: '300m', memory: '50Mi' });
});
