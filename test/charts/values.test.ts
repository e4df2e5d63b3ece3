import { expect, it } from 'vitest';
import { imageRepository, operatorImage } from '../../src/image.ts';
import type { KubeObject } from '../cluster/knative/render.ts';
import { chart, helmTemplate, runTool } from '../support/tools.ts';

it('helm lint finds nothing', async () => {
  await expect(runTool('helm', ['lint', '--strict', '--quiet', chart])).resolves.toBe('');
});

it.each([
  ['replica=1', "additional properties 'replica' not allowed"],
  ['crds.delete=true', "at '/crds': additional properties 'delete' not allowed"],
  ['logLevel=loud', "at '/logLevel': value must be one of 'debug', 'info', 'warn', 'error'"],
  ['namespaces=one', "at '/namespaces': got string, want array"],
  ['image.digest=sha256:1', "at '/image/digest': 'sha256:1' does not match pattern"],
])('the value %s is refused: %s', async (value, sentence) => {
  await expect(helmTemplate([value])).rejects.toThrow(sentence);
});

/** What an object is, without what it is of. */
const name = ({ kind, metadata }: KubeObject) => `${kind} ${metadata.name}`;

it.each([
  [['podDisruptionBudget.enabled=false'], [], ['PodDisruptionBudget dormouse']],
  [['replicas=1'], [], ['PodDisruptionBudget dormouse']],
  [
    ['aggregateRoles=false'],
    [],
    [
      'ClusterRole dormouse-edit',
      'ClusterRole dormouse-runtimes-view',
      'ClusterRole dormouse-view',
      'ClusterRoleBinding dormouse-runtimes-view',
    ],
  ],
  [['networkPolicy.enabled=true'], ['NetworkPolicy dormouse'], []],
  [['metrics.serviceMonitor.enabled=true'], ['Service dormouse-metrics', 'ServiceMonitor dormouse'], []],
  [
    ['knative.patchFeatures=true'],
    ['Job', 'Role', 'RoleBinding', 'ServiceAccount'].map((kind) => `${kind} dormouse-knative`),
    [],
  ],
  [
    ['keepModels=true'],
    ['ClusterRole', 'ClusterRoleBinding', 'Job', 'ServiceAccount'].map((kind) => `${kind} dormouse-eject`),
    [],
  ],
])('%j adds %j and leaves out %j', async (values, added, left) => {
  const before = (await helmTemplate()).map(name);
  const after = (await helmTemplate(values)).map(name);
  expect(after.filter((each) => !before.includes(each)).sort()).toEqual(added);
  expect(before.filter((each) => !after.includes(each)).sort()).toEqual(left);
});

interface Pods extends KubeObject {
  readonly spec: { readonly template: { readonly spec: Readonly<Record<string, unknown>> & PodSpec } };
}
interface PodSpec {
  readonly containers: readonly { readonly image: string; readonly args: readonly string[] }[];
}

it.each<[string[], string, string[]]>([
  [[], operatorImage, ['--log-level=info']],
  [['image.repository=registry.example/dormouse', 'image.tag=v1'], 'registry.example/dormouse:v1', []],
  [
    [`image.digest=sha256:${'a'.repeat(64)}`],
    `${imageRepository}@sha256:${'a'.repeat(64)}`,
    ['--log-level=info'],
  ],
  [['logLevel=debug'], operatorImage, ['--log-level=debug']],
  [
    ['allow.images={registry.example/*,other.example/*}', 'allow.serviceAccounts={models-*}'],
    operatorImage,
    ['--allow-images=registry.example/*,other.example/*', '--allow-service-accounts=models-*'],
  ],
  [['extraArgs={--workers=20}'], operatorImage, ['--workers=20']],
])('with %j the operator runs %s, which also fetches, with %j', async (values, image, args) => {
  const { containers } = await operatorPod(values);
  expect(containers[0]?.image).toBe(image);
  expect(containers[0]?.args).toEqual(expect.arrayContaining([`--fetcher-image=${image}`, ...args]));
});

it('goes where it is told to', async () => {
  const pod = await operatorPod([
    'nodeSelector.disk=ssd',
    'tolerations[0].operator=Exists',
    'affinity.podAntiAffinity.x=y',
    'priorityClassName=high',
    'imagePullSecrets[0].name=registry',
  ]);
  expect(pod).toMatchObject({
    nodeSelector: { disk: 'ssd' },
    tolerations: [{ operator: 'Exists' }],
    affinity: { podAntiAffinity: { x: 'y' } },
    priorityClassName: 'high',
    imagePullSecrets: [{ name: 'registry' }],
  });
});

async function operatorPod(values: readonly string[]) {
  const deployment = (await helmTemplate(values)).find(({ kind }) => kind === 'Deployment') as Pods;
  return deployment.spec.template.spec;
}
