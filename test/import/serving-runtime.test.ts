import { describe, expect, it } from 'vitest';
import { imported, remarksOf, runtime, specsOf } from './inputs.ts';

const server = (container: string, protocols = '[v2]'): string =>
  `apiVersion: serving.kserve.io/v1alpha1
kind: ClusterServingRuntime
metadata: { name: server }
spec:
  supportedModelFormats: [{ name: sklearn, autoSelect: true }]
  protocolVersions: ${protocols}
  containers: [{ name: kserve-container, securityContext: { runAsNonRoot: true }, ${container} }]
`;

it('a runtime becomes one of the same name, with the text for any model', () => {
  const outcomes = imported(runtime());
  expect(outcomes).toMatchObject([
    { result: 'converted', objects: [{ kind: 'InferenceRuntime', metadata: { name: 'server' } }] },
  ]);
  expect(specsOf(outcomes)).toEqual([
    {
      version: '1.2',
      maturity: 'Experimental',
      formats: [{ name: 'sklearn', priority: 1 }],
      container: {
        image: 'registry.example/server:1.2',
        args: ['--model_name=$(MODEL_NAME)', '--model_dir=/mnt/models'],
        securityContext: { runAsNonRoot: false },
      },
    },
  ]);
  expect(remarksOf(outcomes)).toEqual([
    'selection spec.supportedModelFormats[0].version',
    'selection spec.protocolVersions',
    'readiness spec.containers',
    'waiting spec.containers',
    'root spec.containers[0].securityContext.runAsNonRoot',
  ]);
});

it.each([
  ['registry.example:5000/a/b:1.2', '1.2'],
  ['registry.example:5000/a/b', 'latest'],
  [`a/b:1.2@sha256:${'a'.repeat(64)}`, '1.2'],
  [`a/b@sha256:${'a'.repeat(64)}`, 'latest'],
])('the version of %s is %s', (image, version) => {
  expect(specsOf(imported(server(`image: "${image}"`)))).toMatchObject([{ version }]);
});

it('formats that are named once for each version become one, with the highest priority', () => {
  const formats =
    '[{ name: SKLearn, version: "0", autoSelect: true, priority: 1 }, { name: sklearn, version: "1", autoSelect: true, priority: 3 }, { name: onnx, priority: 2 }]';
  const outcomes = imported(server('image: a/b').replace('[{ name: sklearn, autoSelect: true }]', formats));
  expect(specsOf(outcomes)).toMatchObject([
    { formats: [{ name: 'sklearn', priority: 3 }, { name: 'onnx' }] },
  ]);
  expect(remarksOf(outcomes)).toContain('ignored spec.supportedModelFormats[2].priority');
});

describe('it is ready', () => {
  it.each<[string, string, string, object]>([
    ['by the path of its protocol', '', '[v2]', { protocol: 'v2' }],
    [
      'by its own path',
      'readinessProbe: { httpGet: { path: /ready, port: 8081 } }',
      '[v1]',
      { readiness: { http: { path: '/ready', port: 8081 } } },
    ],
    ['by its open port', 'readinessProbe: { tcpSocket: { port: 8080 } }', '[v1]', {}],
  ])('%s', (_, probe, protocols, container) => {
    const outcomes = imported(server(`image: a/b, command: [run], ${probe}`, protocols));
    expect(specsOf(outcomes)).toMatchObject([{ container }]);
    expect(remarksOf(outcomes).filter((line) => line.startsWith('no-field'))).toEqual([]);
  });
});

it('what depends on more than the name of a model is left to its models', () => {
  const outcomes = imported(
    server(
      'image: a/b, args: ["--ns={{.Namespace}}", "--name={{ .Name }}"], env: [{ name: A, value: "{{.Labels.a}}" }, { name: B, value: b }]',
    ),
  );
  expect(specsOf(outcomes)).toMatchObject([
    { container: { args: ['--name=$(MODEL_NAME)'], env: [{ name: 'B', value: 'b' }] } },
  ]);
  expect(
    outcomes[0]?.remarks.filter(({ reason }) => reason === 'placeholder').map(({ detail }) => detail),
  ).toEqual(['A', '--ns={{.Namespace}}']);
});

it.each([
  ['volumes: [{ name: v, emptyDir: {} }]', 'ignored spec.volumes[0]'],
  ['volumes: [{ name: v, hostPath: { path: /a } }]', 'volume spec.volumes[0]'],
  [
    'annotations: { prometheus.kserve.io/port: "8080" }',
    'metrics spec.annotations["prometheus.kserve.io/port"]',
  ],
  ['hostIPC: true', 'no-field spec.hostIPC'],
])('%s is named', (spec, line) => {
  expect(remarksOf(imported(runtime(spec)))).toContain(line);
});

it.each([
  ['for many models', runtime('multiModel: true'), 'multi-model spec.multiModel'],
  ['that is switched off', runtime('disabled: true'), 'disabled spec.disabled'],
  ['with workers', runtime('workerSpec: { containers: [{ name: w }] }'), 'multi-node spec.workerSpec'],
  [
    'with a second container',
    runtime().replace('containers:\n', 'containers:\n    - { name: agent, image: b }\n'),
    'containers spec.containers[0]',
  ],
  [
    'whose server is called otherwise',
    runtime().replace('kserve-container', 'mlserver'),
    'server spec.containers',
  ],
  ['named as a built-in one', runtime('', { name: 'tfserving' }), 'taken metadata.name'],
  ['without formats', runtime().replace(/supportedModelFormats: .*/, ''), 'invalid'],
])('one %s is not converted', (_, yaml, line) => {
  const outcomes = imported(yaml);
  expect(outcomes).toMatchObject([{ result: 'refused' }]);
  expect(remarksOf(outcomes)).toEqual([line]);
});

it('a name that an InferenceRuntime cannot have is written otherwise', () => {
  const outcomes = imported(runtime('', { name: 'my.server' }));
  expect(outcomes).toMatchObject([{ objects: [{ metadata: { name: 'my-server' } }] }]);
  expect(remarksOf(outcomes)).toContain('renamed metadata.name');
});
