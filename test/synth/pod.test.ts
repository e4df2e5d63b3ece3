import { describe, expect, it } from 'vitest';
import type { Container } from '#api/v1alpha1/container.ts';
import type { PodSettings } from '#api/v1alpha1/pod.ts';
import type { Resources } from '#api/v1alpha1/resources.ts';
import { hugePagesPart } from '#synth/pod/container.ts';
import { flagsPart } from '#synth/pod/flags.ts';
import { identityPart } from '#synth/pod/identity.ts';
import { metadataPart, queueProxyPart } from '#synth/pod/metadata.ts';
import { assemble, type PartOf } from '#synth/pod/part.ts';
import { livenessPart, makeWaitingProbes } from '#synth/pod/probes.ts';
import { schedulingPart } from '#synth/pod/scheduling.ts';
import { serverPart } from '#synth/pod/server.ts';
import { volumesPart } from '#synth/pod/volumes.ts';
import type { Server } from '#synth/server.ts';
import { UnsupportedError } from '#synth/unsupported.ts';
import { environment } from '../support/environment.ts';
import { model } from '../support/models.ts';

const parts: readonly PartOf[] = [
  serverPart,
  flagsPart,
  hugePagesPart,
  livenessPart,
  volumesPart,
  identityPart,
  metadataPart,
  queueProxyPart,
  schedulingPart,
];

interface Given {
  readonly container?: Partial<Container>;
  readonly pod?: PodSettings;
  readonly resources?: Resources;
}

function podOf(
  { container = {}, pod = {}, resources = {} }: Given,
  flags: Readonly<Record<string, string>> = {},
) {
  const server: Server = {
    container: { image: 'registry.example/iris:1', ...container },
    resources,
    pod,
    folder: '/mnt/models',
    file: undefined,
    isWritable: false,
    source: undefined,
    runtime: undefined,
    profile: undefined,
    whose: (path) => `spec.${path}`,
    fields: [],
  };
  return assemble(parts, { model: model(), server, environment: environment({ 'config-features': flags }) });
}

const on = (...flags: string[]) =>
  Object.fromEntries(flags.map((flag) => [`kubernetes.podspec-${flag}`, 'enabled']));
const gpu = { key: 'nvidia.com/gpu', operator: 'Exists' } as const;
const claim = (readOnly?: boolean): Given => ({
  container: { volumeMounts: [{ name: 'models', mountPath: '/models' }] },
  pod: {
    volumes: [
      { name: 'models', persistentVolumeClaim: { claimName: 'models', ...(readOnly && { readOnly }) } },
    ],
  },
});

describe('a pod', () => {
  it.each([
    {
      name: 'goes where it is sent',
      given: { pod: { nodeSelector: { gpu: 'a100' }, tolerations: [gpu], runtimeClassName: 'nvidia' } },
      flags: on('nodeselector', 'tolerations', 'runtimeclassname'),
      want: { nodeSelector: { gpu: 'a100' }, tolerations: [gpu], runtimeClassName: 'nvidia' },
    },
    {
      name: 'goes there where the flag of Knative is on half',
      given: { pod: { tolerations: [gpu] } },
      flags: { 'kubernetes.podspec-tolerations': 'allowed' },
      want: { tolerations: [gpu] },
    },
    {
      name: 'shares memory between its processes',
      given: {
        container: { volumeMounts: [{ name: 'shm', mountPath: '/dev/shm' }] },
        pod: { volumes: [{ name: 'shm', emptyDir: { medium: 'Memory', sizeLimit: '2048Mi' } }] },
      },
      want: {
        containers: [{ volumeMounts: [{ name: 'shm', mountPath: '/dev/shm' }] }],
        volumes: [{ name: 'shm', emptyDir: { medium: 'Memory', sizeLimit: '2Gi' } }],
      },
    },
    {
      name: 'has Secrets read-only, as Knative would have it',
      given: {
        container: { volumeMounts: [{ name: 'key', mountPath: '/key', subPath: 'a' }] },
        pod: { volumes: [{ name: 'key', secret: { secretName: 'key' } }] },
      },
      want: {
        containers: [{ volumeMounts: [{ name: 'key', mountPath: '/key', subPath: 'a', readOnly: true }] }],
      },
    },
    {
      name: 'has a claim read-only that is one',
      given: claim(true),
      flags: on('persistent-volume-claim'),
      want: { containers: [{ volumeMounts: [{ readOnly: true }] }] },
    },
    {
      name: 'says of amounts in variables by what they are divided',
      given: {
        container: {
          env: [{ name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } }] as never,
        },
      },
      flags: on('fieldref'),
      want: {
        containers: [
          { env: [{ valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '0' } } }] },
        ],
      },
    },
    {
      name: 'has huge pages beside memory',
      given: { resources: { requests: { memory: '1Gi' }, limits: { 'hugepages-2Mi': '65536Ki' } } },
      want: {
        containers: [{ resources: { requests: { memory: '1Gi' }, limits: { 'hugepages-2Mi': '64Mi' } } }],
      },
    },
    {
      name: 'runs as root where its owner says so',
      given: { pod: { securityContext: { runAsUser: 0, runAsNonRoot: false } } },
      flags: on('securitycontext'),
      want: { containers: [{ securityContext: { runAsNonRoot: false, allowPrivilegeEscalation: false } }] },
    },
    {
      name: 'has no token of a ServiceAccount that takes it back',
      given: { pod: { serviceAccountName: 'iris', automountServiceAccountToken: false } },
      want: { serviceAccountName: 'iris', automountServiceAccountToken: false },
    },
    {
      name: 'is asked for startup and liveness on the port of the server',
      given: {
        container: {
          port: 9000,
          startup: { tcp: {} },
          liveness: { http: { path: '/live' }, initialDelay: 5 },
        },
      },
      want: {
        containers: [
          {
            startupProbe: {
              tcpSocket: { port: 9000 },
              periodSeconds: 10,
              timeoutSeconds: 1,
              failureThreshold: 3,
              successThreshold: 1,
            },
            livenessProbe: { httpGet: { path: '/live', port: 9000 }, initialDelaySeconds: 5 },
          },
        ],
      },
    },
  ])('$name', ({ given, flags, want }) => {
    expect(podOf(given as Given, flags).spec).toMatchObject(want);
  });

  it('has labels, annotations, and what its queue-proxy may use', () => {
    const resources = { requests: { cpu: '0.05' }, limits: { memory: '1024Mi' } };
    const pod = { labels: { team: 'risk' }, annotations: { a: 'b' }, queueProxy: { resources } };
    expect(podOf({ pod })).toMatchObject({
      labels: { team: 'risk' },
      annotations: {
        a: 'b',
        'queue.sidecar.serving.knative.dev/cpu-resource-request': '50m',
        'queue.sidecar.serving.knative.dev/memory-resource-limit': '1Gi',
      },
    });
  });

  it.each([
    {
      name: 'a field whose flag is off',
      given: { pod: { tolerations: [gpu] } },
      want: `spec.pod.tolerations: this cluster does not allow it: kubectl patch configmap config-features -n knative-serving --type merge -p '{"data":{"kubernetes.podspec-tolerations":"enabled"}}'`,
    },
    {
      name: 'a claim where the flag is on half',
      given: claim(true),
      flags: { 'kubernetes.podspec-persistent-volume-claim': 'allowed' },
      want: '"kubernetes.podspec-persistent-volume-claim":"enabled"',
    },
    {
      name: 'a claim to write where claims are read-only',
      given: claim(),
      flags: on('persistent-volume-claim'),
      want: /"kubernetes.podspec-persistent-volume-write":"enabled".*; or write readOnly: true$/,
    },
    {
      name: 'huge pages alone',
      given: { resources: { limits: { 'hugepages-2Mi': '64Mi' } } },
      want: 'spec.resources.limits.hugepages-2Mi: Kubernetes gives huge pages beside CPU or memory alone',
    },
    {
      name: 'a volume that nothing mounts',
      given: { pod: { volumes: [{ name: 'a', emptyDir: {} }] } },
      want: 'spec.pod.volumes[a]: no volumeMounts of the container name it',
    },
    {
      name: 'a mount of nothing',
      given: { container: { volumeMounts: [{ name: 'a', mountPath: '/a' }] } },
      want: 'spec.container.volumeMounts[/a]: there is no volume a',
    },
    {
      name: 'liveness on another port, where Knative does not ask',
      given: { container: { liveness: { http: { path: '/', port: 9999 } } } },
      want: 'spec.container.liveness: Knative asks for liveness on the port of the server, 8080, alone',
    },
  ])('is refused for $name, with what to do', ({ given, flags, want }) => {
    expect(() => podOf(given as Given, flags)).toThrow(want);
  });

  it('tells all that stands in its way at once, with each setting', () => {
    const make = () => podOf({ pod: { tolerations: [gpu], nodeSelector: { a: 'b' } } });
    expect(make).toThrow(UnsupportedError);
    try {
      make();
    } catch (error) {
      const { problems, settings } = error as UnsupportedError;
      expect(problems).toHaveLength(2);
      expect(settings.map(({ key }) => key).sort()).toEqual([
        'kubernetes.podspec-nodeselector',
        'kubernetes.podspec-tolerations',
      ]);
    }
  });
});

describe('a server that waits for its model', () => {
  it.each([
    { name: 'without probes has none', given: {}, want: {} },
    {
      name: 'is not asked for liveness before it has started',
      given: { liveness: { http: { path: '/live' }, initialDelay: 30 } },
      want: {
        startupProbe: { httpGet: { path: '/live', port: 8080 }, periodSeconds: 10, failureThreshold: 60 },
      },
    },
    {
      name: 'may take as long to start as its model takes to come',
      given: { startup: { tcp: {}, period: 5, failureThreshold: 6 } },
      want: { startupProbe: { periodSeconds: 5, failureThreshold: 120 } },
    },
  ])('$name', ({ given, want }) => {
    expect(makeWaitingProbes({ image: 'a:1', ...given }, 600)).toMatchObject(want);
  });
});
