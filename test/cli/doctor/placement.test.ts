import { describe, expect, it } from 'vitest';
import type { InferenceModelSpecInput } from '#api/v1alpha1/spec.ts';
import { demandsOf } from '#cli/doctor/demands.ts';
import { placementOf } from '#cli/doctor/placement.ts';
import type { Surroundings } from '#cli/doctor/surroundings.ts';
import { synthesize } from '#synth/synthesize.ts';
import { environment } from '../../support/environment.ts';
import { model } from '../../support/models.ts';
import { absent, hidden, node, seen, spacious } from './snapshots.ts';

const all = {
  'config-features': {
    'kubernetes.podspec-tolerations': 'enabled',
    'kubernetes.podspec-nodeselector': 'enabled',
    'kubernetes.podspec-persistent-volume-claim': 'enabled',
  },
};
const demands = (spec: Partial<InferenceModelSpecInput> = {}) =>
  demandsOf(synthesize(model(spec), environment(all)), 'default');
const gpu = { resources: { limits: { 'nvidia.com/gpu': 1 } } };
const tainted = node({
  spec: { taints: [{ key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' }] },
});
const quota = (hard: Record<string, string>, used: Record<string, string> = {}) =>
  seen([{ metadata: { name: 'team' }, status: { hard, used } }]);

const rows: readonly {
  readonly name: string;
  readonly spec?: Partial<InferenceModelSpecInput>;
  readonly around: Partial<Surroundings>;
  readonly want: readonly string[];
}[] = [
  { name: 'nothing', around: {}, want: [] },
  {
    name: 'a device that no node has',
    spec: gpu,
    around: {},
    want: ['no node takes its pods (1 here: 1 has less nvidia.com/gpu than it requests (1))'],
  },
  {
    name: 'more memory than any node',
    spec: { resources: { requests: { memory: '64Gi' } } },
    around: {},
    want: ['has less memory than it requests (64Gi)'],
  },
  {
    name: 'a taint',
    around: { nodes: seen([tainted]) },
    want: ['has the taint nvidia.com/gpu=present:NoSchedule'],
  },
  {
    name: 'a taint that it tolerates',
    spec: { pod: { tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists' }] } },
    around: { nodes: seen([tainted]) },
    want: [],
  },
  { name: 'one of two nodes', around: { nodes: seen([tainted, node()]) }, want: [] },
  { name: 'no node at all', around: { nodes: seen([]) }, want: ['no node takes its pods (0 here)'] },
  {
    name: 'cordoned nodes',
    around: { nodes: seen([node({ spec: { unschedulable: true } })]) },
    want: ['1 is cordoned'],
  },
  {
    name: 'a label that no node has',
    spec: { pod: { nodeSelector: { zone: 'b' } } },
    around: {},
    want: ['has not the label zone=b'],
  },
  {
    name: 'a Secret that is not there',
    around: { references: [{ kind: 'Secret', name: 'store', seen: absent }] },
    want: ['there is no Secret store in namespace default'],
  },
  {
    name: 'a StorageClass that is not there',
    around: { references: [{ kind: 'StorageClass', name: 'fast', seen: absent }] },
    want: ['there is no StorageClass fast in the cluster'],
  },
  {
    name: 'a plain Service of its name',
    around: { service: seen({ metadata: { name: 'iris' } }) },
    want: ['metadata.name: there is a Service default/iris'],
  },
  {
    name: 'a Knative Service of its name that is not ours',
    around: { knativeService: seen({ metadata: { name: 'iris', namespace: 'default' } }) },
    want: ['iris'],
  },
  {
    name: 'a quota without room',
    spec: { resources: { requests: { cpu: '2' } } },
    around: { quotas: quota({ 'requests.cpu': '3' }, { 'requests.cpu': '2' }) },
    want: ['ResourceQuota team has 1 of requests.cpu left, and a pod takes 2'],
  },
  {
    name: 'a quota that wants limits',
    around: { quotas: quota({ 'limits.memory': '8Gi' }) },
    want: ['wants limits.memory of each container, and server, queue-proxy has none'],
  },
  {
    name: 'a quota that wants limits, and a LimitRange that sets them',
    around: {
      quotas: quota({ 'limits.memory': '8Gi' }),
      limitRanges: seen([
        { metadata: { name: 'l' }, spec: { limits: [{ type: 'Container', default: { memory: '1Gi' } }] } },
      ]),
    },
    want: [],
  },
  {
    name: 'a LimitRange below its limit',
    spec: { resources: { limits: { memory: '4Gi' } } },
    around: {
      limitRanges: seen([
        { metadata: { name: 'small' }, spec: { limits: [{ type: 'Container', max: { memory: '1Gi' } }] } },
      ]),
    },
    want: ['LimitRange small allows at most 1Gi of memory a container, and server has a limit of 4Gi'],
  },
  {
    name: 'root in a restricted namespace',
    spec: { container: { image: 'registry.example/iris:1', securityContext: { runAsNonRoot: false } } },
    around: {
      namespace: seen({
        metadata: { name: 'default', labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
      }),
    },
    want: ['namespace default takes no pods that may run as root'],
  },
];

describe('what is in the way of the pods of a model', () => {
  it.each(rows)('$name', ({ spec, around, want }) => {
    const { problems } = placementOf(demands(spec), { ...spacious, ...around });
    expect(problems).toHaveLength(want.length);
    for (const [index, text] of want.entries()) expect(problems[index]).toContain(text);
  });
});

it('what the user may not see is named', () => {
  const around = {
    ...spacious,
    nodes: hidden,
    quotas: hidden,
    limitRanges: hidden,
    namespace: hidden,
    service: hidden,
  };
  expect(placementOf(demands(), around)).toEqual({
    problems: [],
    unchecked: [
      'Services of its name',
      'nodes',
      'ResourceQuotas',
      'LimitRanges',
      'the PodSecurity level of its namespace',
    ],
  });
});

it('a pod names what it needs', () => {
  const spec = {
    model: { format: 'sklearn', uri: 's3://models/iris', credentials: { secretRef: { name: 'store' } } },
    pod: {
      serviceAccountName: 'trainer',
      imagePullSecrets: [{ name: 'pull' }],
    },
  };
  expect(
    demands(spec)
      .references.map(({ kind, name }) => `${kind} ${name}`)
      .sort(),
  ).toEqual(['Secret pull', 'Secret store', 'ServiceAccount trainer']);
});
