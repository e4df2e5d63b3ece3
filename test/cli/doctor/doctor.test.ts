import { describe, expect, it } from 'vitest';
import { version } from '#base/version.ts';
import { catalogue } from '#catalogue/catalogue.ts';
import { examine } from '#cli/doctor/examine.ts';
import { fixesOf } from '#cli/doctor/fix.ts';
import { judgeModels } from '#cli/doctor/models.ts';
import { serviceCrd } from '#cli/doctor/platform.ts';
import type { Snapshot } from '#cli/doctor/snapshot.ts';
import type { Surroundings } from '#cli/doctor/surroundings.ts';
import { type Verdict, verdictText } from '#cli/doctor/verdict.ts';
import { hostOf } from '#knative/ingress.ts';
import type { PodObject } from '#knative/objects.ts';
import { manifest, model } from '../../support/models.ts';
import { operatorObject } from '../../support/operator-object.ts';
import {
  absent,
  hidden,
  installed,
  knativeCrd,
  kourier,
  seen,
  settings,
  snapshot,
  spacious,
  workload,
} from './snapshots.ts';

const look = (differing: Partial<Snapshot> = {}, ...models: unknown[]): Verdict[] =>
  lookAround(differing, spacious, ...models);

/** The same, with something around the models. */
function lookAround(differing: Partial<Snapshot>, around: Surroundings, ...values: unknown[]): Verdict[] {
  const seenNow = snapshot(differing);
  const documents = values.map((value) => ({ where: 'model.yaml', value }));
  const models = judgeModels(seenNow, catalogue(), documents);
  return examine({
    snapshot: seenNow,
    builtIn: catalogue(),
    models,
    surroundings: new Map(models.map((each) => [each, around])),
  });
}

const crds = (other: Snapshot['crds']) => ({ crds: { ...snapshot().crds, ...other } });
const neither = { 'config-features': { 'multi-container': 'disabled' } };
const fetching = (state: object): PodObject => ({
  metadata: { name: 'iris-pod' },
  status: { containerStatuses: [{ name: 'fetch', state }] },
});
const gpuProfile = {
  apiVersion: 'dormouse.dev/v1alpha1',
  kind: 'InferenceProfile',
  metadata: { name: 'gpu' },
  spec: { pod: { tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists' }] } },
};
const downwardRuntime = {
  apiVersion: 'dormouse.dev/v1alpha1',
  kind: 'InferenceRuntime',
  metadata: { name: 'downward' },
  spec: {
    version: '1',
    maturity: 'Experimental',
    formats: [{ name: 'own' }],
    container: {
      image: 'registry.example/own:1',
      command: ['serve'],
      env: [{ name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
    },
  },
};
const [modelCrd = ''] = Object.keys(installed);

it('a cluster that lacks nothing is told in a line each', () => {
  expect(verdictText(look())).toBe(`ok       Kubernetes             v1.34.1
ok       Knative Serving        1.21.0
ok       Ingress                kourier: Service kourier-system/kourier with 1 pod
ok       Domain                 models.example.com, such as iris.default.models.example.com
ok       CRD inferencemodels    v1alpha1
ok       CRD inferenceruntimes  v1alpha1
ok       CRD inferenceprofiles  v1alpha1
ok       Operator               dormouse-system/dormouse runs 0.1.0
ok       Your rights            see models
ok       Runtimes               19 get their models by Sidecar
ok       Pod fields             refused until their flags of Knative are on: nodeSelector, tolerations, affinity, topologySpreadConstraints, runtimeClassName, priorityClassName, schedulerName, securityContext, persistentVolumeClaim, writableClaim, image, ephemeral, fieldRef, resourceFieldRef, initContainers
`);
});

describe('a cluster is told what it lacks', () => {
  it.each<[string, Partial<Snapshot>, Verdict['level'], string, string]>([
    [
      'a Kubernetes that is too old',
      { kubernetes: 'v1.32.13+k3s1' },
      'problem',
      'Kubernetes',
      'v1.32.13+k3s1 is older than',
    ],
    ['no Knative', crds({ [serviceCrd]: absent }), 'problem', 'Knative Serving', 'is not installed'],
    [
      'an old Knative',
      crds({ [serviceCrd]: seen(knativeCrd('1.17.2')) }),
      'warning',
      'Knative Serving',
      '1.17.2: a change of spec.scale makes a new revision',
    ],
    [
      'a Knative of a version that it does not tell',
      crds({ [serviceCrd]: seen(knativeCrd()) }),
      'warning',
      'Knative Serving',
      'is installed, in a version that it does not name',
    ],
    [
      'a program of Knative that is down',
      { knative: seen([workload('activator', 0), workload('webhook', 1)]) },
      'problem',
      'Knative Serving',
      'activator: no pod is ready',
    ],
    [
      'an ingress that is not there',
      { gateway: seen([]) },
      'problem',
      'Ingress',
      'kourier is chosen by ConfigMap knative-serving/config-network, and Service kourier-system/kourier has no pod',
    ],
    [
      'the ingress that Knative takes when none is chosen',
      { settings: settings({}), gateway: seen([]) },
      'problem',
      'Ingress',
      'istio is chosen',
    ],
    [
      'an ingress that nobody here knows',
      {
        settings: settings({ 'config-network': { 'ingress-class': 'own.example.com' } }),
        gateway: undefined,
      },
      'warning',
      'Ingress',
      'own.example.com is not known here',
    ],
    [
      'no domain',
      { settings: settings({ ...kourier, 'config-domain': { _example: 'x' } }) },
      'warning',
      'Domain',
      'none is set',
    ],
    [
      'names that do not resolve',
      { host: { name: 'iris.default.models.example.com', resolves: false } },
      'warning',
      'Domain',
      'models.example.com: iris.default.models.example.com does not resolve here',
    ],
    ['no CRD', crds({ [modelCrd]: absent }), 'problem', 'CRD inferencemodels', 'is not installed'],
    [
      'a CRD of another version of the API',
      crds({
        [modelCrd]: seen({
          metadata: { name: modelCrd },
          spec: { versions: [{ name: 'v2', served: true }] },
        }),
      }),
      'problem',
      'CRD inferencemodels',
      'v1alpha1 is not served',
    ],
    [
      'a CRD that is older than this program',
      crds({
        [modelCrd]: seen({
          metadata: { name: modelCrd },
          spec: {
            versions: [
              { name: 'v1alpha1', served: true, schema: { openAPIV3Schema: { properties: { spec: {} } } } },
            ],
          },
        }),
      }),
      'warning',
      'CRD inferencemodels',
      'v1alpha1 of another version of Dormouse: it lacks apiVersion, kind, metadata, spec.model, spec.runtime, ...',
    ],
    ['no operator', { operators: seen([]) }, 'warning', 'Operator', 'does not run here'],
    [
      'an operator of another version',
      { operators: seen([workload('dormouse', 1, 'registry.example:5000/dormouse:0.0.9@sha256:1')]) },
      'warning',
      'Operator',
      'dormouse-system/dormouse runs 0.0.9',
    ],
    [
      'two operators',
      { operators: seen([workload('dormouse', 1), workload('other', 1)]) },
      'problem',
      'Operator',
      'several serve the same models: dormouse-system/dormouse, dormouse-system/other',
    ],
    [
      'two operators, one of which may have namespaces of its own',
      { operators: seen([operatorObject(), operatorObject(['--config=/x'], { namespace: 'b' })]) },
      'warning',
      'Operator',
      'several serve the same models: dormouse-system/dormouse, b/dormouse',
    ],
    [
      'an operator whose image cannot be had',
      {
        operators: seen([workload('dormouse', 0)]),
        operatorPods: seen([
          {
            metadata: { namespace: 'dormouse-system', name: 'dormouse-1' },
            status: {
              containerStatuses: [{ name: 'controller', state: { waiting: { reason: 'ErrImagePull' } } }],
            },
          },
        ]),
      },
      'problem',
      'Operator',
      'no pod of dormouse-system/dormouse is ready: ImagePullFailed: the image of container controller cannot be pulled',
    ],
    [
      'a fetcher whose image cannot be pulled',
      { pods: seen([fetching({ waiting: { reason: 'ImagePullBackOff', message: 'no such host' } })]) },
      'problem',
      'Fetcher image',
      'nodes cannot pull it: ImagePullBackOff: no such host',
    ],
    [
      'rights that the caller lacks',
      {
        rights: [
          {
            purpose: 'apply models',
            verb: 'patch',
            resource: 'inferencemodels',
            namespace: 'a',
            allowed: false,
          },
        ],
      },
      'warning',
      'Your rights',
      'you may not apply models',
    ],
    ['no runtimes', { runtimes: seen([]) }, 'warning', 'Runtimes', 'none is installed'],
    [
      'flags without which no runtime can be given a model',
      { settings: settings({ ...kourier, ...neither }) },
      'problem',
      'Runtime mlserver-sklearn',
      'this cluster allows no second container with an emptyDir, and this cluster allows no init containers: kubectl patch configmap',
    ],
    [
      'a profile whose fields take flags that are off',
      { profiles: seen([gpuProfile]) },
      'problem',
      'Profile gpu',
      'spec.pod.tolerations: this cluster does not allow it: kubectl patch configmap config-features',
    ],
    [
      'a runtime whose fields take flags that are off',
      { runtimes: seen([downwardRuntime]) },
      'problem',
      'Runtime downward',
      'spec.container.env[POD]: this cluster does not allow it: kubectl patch configmap config-features',
    ],
    [
      'fields whose flags are off, without those that are allowed',
      { settings: settings({ ...kourier, 'config-features': { 'kubernetes.podspec-affinity': 'allowed' } }) },
      'ok',
      'Pod fields',
      'refused until their flags of Knative are on: nodeSelector, tolerations, topologySpreadConstraints',
    ],
    [
      'settings that the caller may not see',
      { settings: hidden },
      'warning',
      'Not looked at',
      'Ingress, Domain, Runtimes: you have no right to see them',
    ],
  ])('%s', (_, differing, level, topic, message) => {
    expect(look(differing).filter((verdict) => verdict.topic === topic)).toContainEqual(
      expect.objectContaining({ level, message: expect.stringContaining(message) }),
    );
  });
});

it('the flags that a profile needs are turned on by --fix', () => {
  expect(fixesOf(look({ profiles: seen([gpuProfile]) }))).toEqual([
    { configMap: 'config-features', key: 'kubernetes.podspec-tolerations', value: 'enabled' },
  ]);
});

it('a fetcher that has run somewhere is known to be had, and nothing is said before', () => {
  const topics = (pods: PodObject[]) =>
    look({ pods: seen(pods) }).filter(({ topic }) => topic === 'Fetcher image');
  expect(topics([])).toEqual([]);
  expect(topics([fetching({ running: {} })])).toMatchObject([{ level: 'ok' }]);
});

it('two operators with namespaces of their own are no problem', () => {
  const operators = ['a', 'b'].map((name) =>
    operatorObject([`--namespaces=${name}`], { namespace: name, image: `dormouse:${version}` }),
  );
  expect(look({ operators: seen(operators) }).filter(({ topic }) => topic === 'Operator')).toMatchObject([
    { level: 'ok', message: `a/dormouse runs ${version}` },
    { level: 'ok', message: `b/dormouse runs ${version}` },
  ]);
});

it('of Knative as it numbers its Go modules, the release is told', () => {
  expect(look(crds({ [serviceCrd]: seen(knativeCrd('0.48.0')) }))).toContainEqual(
    expect.objectContaining({ topic: 'Knative Serving', level: 'ok', message: '0.48.0 (release 1.21)' }),
  );
});

describe('models that shall run there', () => {
  const sklearn = manifest({ model: { format: 'sklearn', uri: 's3://models/iris' } });

  it('are judged as the operator would', () => {
    const long = manifest({ ...model().spec, timeouts: { request: '11m' } }, { name: 'long' });
    expect(look({}, sklearn, long).filter(({ topic }) => topic.startsWith('Model'))).toMatchObject([
      {
        level: 'ok',
        topic: 'Model iris',
        message: expect.stringContaining('this cluster can run it; not looked at: whether its image'),
      },
      { level: 'problem', topic: 'Model long', message: expect.stringContaining('at most 600s') },
    ]);
  });

  it('are judged by what the operator of their namespace allows', () => {
    const operators = [
      operatorObject(['--namespaces=a', '--allow-images=allowed.example/*'], { namespace: 'x' }),
      operatorObject(['--namespaces=default,b'], { namespace: 'y' }),
    ];
    const own = (namespace?: string) => manifest(model().spec, { name: namespace ?? 'iris', namespace });
    const verdicts = look({ operators: seen(operators) }, own('a'), own('b'), own());
    expect(verdicts.filter(({ topic }) => topic.startsWith('Model'))).toMatchObject([
      {
        level: 'problem',
        message: expect.stringContaining('is not allowed here: write one of allowed.example/*'),
      },
      { level: 'ok' },
      { level: 'ok' },
    ]);
  });

  it.each<[string, Snapshot['operators']]>([
    ['cannot be seen', hidden],
    ['has a file', seen([operatorObject(['--config=/x'])])],
  ])('are not said to be allowed by an operator that %s', (_, operators) => {
    expect(look({ operators }, sklearn).at(-1)).toMatchObject({
      level: 'ok',
      message: expect.stringContaining('not looked at: whether its operator allows it, whether its image'),
    });
  });

  it('are mended by a flag of the ConfigMap, told once', () => {
    const verdicts = look({ settings: settings({ ...kourier, ...neither }) }, sklearn, sklearn);
    expect(fixesOf(verdicts)).toEqual([
      { configMap: 'config-features', key: 'kubernetes.podspec-init-containers', value: 'enabled' },
    ]);
  });

  it("are mended by the KnativeServing object where Knative's operator keeps the ConfigMaps", () => {
    const owned = settings({ ...kourier, ...neither }, 'serving');
    expect(look({ settings: owned }, sklearn).at(-1)?.message).toContain(
      `kubectl patch knativeserving serving -n knative-serving --type merge -p '{"spec":{"config":{"features":{"kubernetes.podspec-init-containers":"enabled"}}}}'`,
    );
  });
});

it("where Knative's operator keeps the settings, its object is to be changed", () => {
  const bare = settings({ 'config-network': kourier['config-network'] }, 'serving');
  const advice = look({ settings: bare, gateway: seen([]) }).flatMap(({ advice = [] }) => advice);
  expect(advice).toEqual([
    'install kourier, or set ingress-class in spec.config.network of KnativeServing knative-serving/serving to the ingress that is here',
    `kubectl patch knativeserving serving -n knative-serving --type merge -p '{"spec":{"config":{"domain":{"models.example.com":""}}}}'`,
  ]);
});

it('a domain template of names alone is followed', () => {
  const template = { 'domain-template': '{{.Name}}-{{.Namespace}}.{{.Domain}}' };
  const all = settings({ ...kourier, 'config-network': template });
  expect(hostOf(all.state === 'found' ? all.value : [], 'iris', 'ns')).toBe('iris-ns.models.example.com');
});
