import { describe, expect, it } from 'vitest';
import { podBehind, serviceNamed } from '#cli/predict/gateway.ts';

it.each([
  [
    'kourier-internal.kourier-system.svc.cluster.local',
    { namespace: 'kourier-system', name: 'kourier-internal' },
  ],
  ['ingress.example.com', undefined],
  ['', undefined],
])('the name %s stands for %o', (host, service) => {
  expect(serviceNamed(host)).toEqual(service);
});

describe('the pod behind a gateway', () => {
  const service = {
    metadata: { name: 'kourier-internal' },
    spec: {
      ports: [
        { name: 'https', port: 443 },
        { name: 'http2', port: 80 },
      ],
    },
  };
  const pod = (name: string) => ({ kind: 'Pod', namespace: 'kourier-system', name });
  const slice = (...endpoints: { conditions?: { ready?: boolean }; targetRef?: object }[]) => ({
    metadata: { name: 'kourier-internal-x' },
    ports: [
      { name: 'https', port: 8444 },
      { name: 'http2', port: 8081 },
    ],
    endpoints,
  });

  it('is one that is ready, at the port behind port 80', () => {
    const endpoints = slice({ conditions: { ready: false }, targetRef: pod('a') }, { targetRef: pod('b') });
    expect(podBehind(service, [slice(), endpoints])).toEqual({
      namespace: 'kourier-system',
      pod: 'b',
      port: 8081,
    });
  });

  it('is none where nothing is ready, or where no pod stands behind it', () => {
    const endpoints = slice(
      { conditions: { ready: false }, targetRef: pod('a') },
      { conditions: { ready: true } },
    );
    expect(podBehind(service, [endpoints])).toBeUndefined();
  });
});
