import { expect, it } from 'vitest';
import { imageRepository, operatorImage } from '#base/image.ts';
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
  ['resources.request.cpu=1', "at '/resources': additional properties 'request' not allowed"],
  ['tolerations[0].kee=x', "at '/tolerations/0': additional properties 'kee' not allowed"],
  ['affinity.podAntiAfinity.x=y', "at '/affinity': additional properties 'podAntiAfinity' not allowed"],
  ['namespaces={Team A}', "at '/namespaces/0': 'Team A' does not match pattern"],
  ['namespaces[0]=', "at '/namespaces/0': '' does not match pattern"],
  ['namespaces={one,one}', "at '/namespaces': items at 0 and 1 are equal"],
  ['allow.images[0]=a b', "at '/allow/images/0': 'a b' does not match pattern"],
  ['networkPolicy.apiServerPorts=[]', "at '/networkPolicy/apiServerPorts': minItems: got 0, want 1"],
  // There is a value for it; its Lease is one that the operator has no right to; it has no such flag.
  ['extraArgs={--log-level=debug}', "at '/extraArgs/0': '--log-level=debug' does not match pattern"],
  ['extraArgs={--leader-elect-resource-name=x}', "at '/extraArgs/0': '--leader-elect-resource-name=x' does"],
  ['extraArgs={--worker=20}', "at '/extraArgs/0': '--worker=20' does not match pattern"],
])('the value %s is refused: %s', async (value, sentence) => {
  await expect(helmTemplate([value])).rejects.toThrow(sentence);
});

/** What an object is, without what it is of. */
const name = ({ kind, metadata }: KubeObject) => `${kind} ${metadata.name}`;
const granted = (kind: string, purpose: string) =>
  [kind, `${kind}Binding`].map((each) => `${each} dormouse:dormouse-system:${purpose}`);

it.each([
  [['podDisruptionBudget.enabled=false'], [], ['PodDisruptionBudget dormouse']],
  [['replicas=1'], [], ['PodDisruptionBudget dormouse']],
  [
    ['aggregateRoles=false'],
    [],
    [
      'ClusterRole dormouse-edit',
      'ClusterRole dormouse-predict',
      'ClusterRole dormouse-runtimes-view',
      'ClusterRole dormouse-view',
      'ClusterRoleBinding dormouse-runtimes-view',
    ],
  ],
  [['networkPolicy.enabled=true'], ['NetworkPolicy dormouse'], []],
  [['metrics.serviceMonitor.enabled=true'], ['Service dormouse-metrics', 'ServiceMonitor dormouse'], []],
  [
    ['knative.patchFeatures=true'],
    ['Job dormouse-knative', ...granted('Role', 'knative'), 'ServiceAccount dormouse-knative'],
    [],
  ],
  [
    ['cache.prune=[{"namespace":"team","claim":"models","schedule":"0 3 * * *"}]'],
    [
      'CronJob dormouse-prune-models',
      'Role dormouse-prune-models',
      'RoleBinding dormouse-prune-models',
      'ServiceAccount dormouse-prune-models',
    ],
    [],
  ],
  [
    ['keepModels=true'],
    [...granted('ClusterRole', 'eject'), 'Job dormouse-eject', 'ServiceAccount dormouse-eject'],
    [],
  ],
])('%j adds %j and leaves out %j', async (values, added, left) => {
  const before = (await helmTemplate()).map(name);
  const after = (await helmTemplate(values)).map(name);
  expect(after.filter((each) => !before.includes(each)).sort()).toEqual(added);
  expect(before.filter((each) => !after.includes(each)).sort()).toEqual(left);
});

it('models are kept with no right outside the namespaces that are served', async () => {
  const objects = await helmTemplate(['keepModels=true', 'namespaces={one,two}']);
  const rights = objects.filter(({ metadata }) => metadata.name === 'dormouse:dormouse-system:eject');
  expect(rights.map(({ kind, metadata }) => `${kind} ${metadata.namespace}`).sort()).toEqual([
    'Role one',
    'Role two',
    'RoleBinding one',
    'RoleBinding two',
  ]);
});

it('two releases share nothing that they would take from each other', async () => {
  const values = ['keepModels=true', 'knative.patchFeatures=true', 'networkPolicy.enabled=true'];
  const shared = ['crds.install=false', 'runtimes.install=false', 'aggregateRoles=false'];
  const objects = await Promise.all(
    ['x', 'dormouse-x', 'dormouse', 'view'].map((namespace) =>
      helmTemplate([...values, ...shared], { namespace }),
    ),
  );
  const identities = objects.flat().map((object) => `${object.metadata.namespace} ${name(object)}`);
  expect(new Set(identities).size).toBe(identities.length);
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
  [
    ['extraArgs={--workers=20,--leader-elect=false}'],
    operatorImage,
    ['--workers=20', '--leader-elect=false'],
  ],
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

it('has a node for each pod where there are enough, unless told otherwise', async () => {
  const topologySpreadConstraints = [
    {
      maxSkew: 1,
      topologyKey: 'kubernetes.io/hostname',
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: { matchLabels: { 'app.kubernetes.io/name': 'dormouse' } },
      matchLabelKeys: ['pod-template-hash'],
    },
  ];
  expect(await operatorPod([])).toMatchObject({ topologySpreadConstraints });
  expect(await operatorPod(['topologySpreadConstraints=null'])).not.toHaveProperty(
    'topologySpreadConstraints',
  );
});

it.each([
  ['networkPolicy.metricsFrom[0].podSelector.matchLabels.a=b', [8081, 8080]],
  ['networkPolicy.metricsFrom=[]', [8081]],
])('with %s the network policy lets in to %j', async (value, ports) => {
  const policy = (await helmTemplate(['networkPolicy.enabled=true', value])).find(
    ({ kind }) => kind === 'NetworkPolicy',
  ) as NetworkPolicy;
  expect(policy.spec.ingress.flatMap((rule) => rule.ports.map(({ port }) => port))).toEqual(ports);
});

interface NetworkPolicy extends KubeObject {
  readonly spec: { readonly ingress: readonly { readonly ports: readonly { readonly port: number }[] }[] };
}

it('a network policy cannot be made without ports of the API server, which would let out to all', async () => {
  await expect(
    helmTemplate(['networkPolicy.enabled=true', 'networkPolicy.apiServerPorts=null']),
  ).rejects.toThrow('networkPolicy.apiServerPorts is missing');
});

async function operatorPod(values: readonly string[]) {
  const deployment = (await helmTemplate(values)).find(({ kind }) => kind === 'Deployment') as Pods;
  return deployment.spec.template.spec;
}
