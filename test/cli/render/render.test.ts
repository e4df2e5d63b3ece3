import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseInferenceRuntime } from '#api/v1alpha1/runtime.ts';
import { catalogueManifests } from '#catalogue/catalogue.ts';
import { synthesize } from '#synth/synthesize.ts';
import { environment } from '../../support/environment.ts';
import { manifest, model } from '../../support/models.ts';
import { irisYaml as iris, outcome, rendered, renderedWith } from '../../support/rendered.ts';

const tulip = iris.replace('name: iris', 'name: tulip');
const service = (name: string) => synthesize(model({}, { name }), environment());

const runtime = `${JSON.stringify({
  ...(catalogueManifests()[0] as object),
  metadata: { name: 'mine' },
})}\n`;

describe('render', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['one model', [iris], ['iris']],
    ['two models in a file', [`${iris}---\n${tulip}`], ['iris', 'tulip']],
    ['two files', [iris, tulip], ['iris', 'tulip']],
    ['a model between empty documents', [`---\n# nothing\n---\n${iris}---\n`], ['iris']],
    ['lines that end as on Windows', [iris.replaceAll('\n', '\r\n')], ['iris']],
    ['a byte order mark', [`\uFEFF${iris}`], ['iris']],
    ['JSON', [JSON.stringify(manifest(model().spec, { namespace: 'default' }))], ['iris']],
    ['a field without a value', [iris.replace('spec: {', 'spec: { scale: ,')], ['iris']],
    [
      'a List, as kubectl get prints it',
      [
        JSON.stringify({
          apiVersion: 'v1',
          kind: 'List',
          items: [manifest(model().spec, { namespace: 'default', uid: 'x' })],
        }),
      ],
      ['iris'],
    ],
  ])('prints the Knative Services of %s', async (_, sources, names) => {
    const { services, said } = await rendered(...sources);
    expect(services).toEqual(names.map(service));
    expect(said).toBe(
      'rendered for Knative as it is shipped: revisions that run are not held, and no defaults of a cluster are known (see --against)',
    );
  });

  it('leaves out what is no object of Kubernetes, and says so', async () => {
    const { services, said } = await rendered(`kind: Secret\n---\n- 1\n---\ntext\n---\n${iris}`);
    expect(services).toEqual([service('iris')]);
    expect(said.split('\n').slice(0, 3)).toEqual(
      [1, 2, 3].map(
        (n) => `1.yaml, document ${n}: has no apiVersion and kind, so is no object of Kubernetes: left out`,
      ),
    );
  });

  it('says of each value of a server whose it is, if asked', async () => {
    const { said } = await renderedWith({ explain: true }, iris);
    expect(said).toMatch(/^1.yaml: model +container.image: /m);
  });

  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data: { on: 'eWVz' } };
  const around = `${JSON.stringify(secret)}\n---\n${iris}---\n${JSON.stringify({ ...secret, kind: 'ConfigMap' })}`;

  it('lets through what is not ours, in its place', async () => {
    expect((await rendered(around)).services).toEqual([
      secret,
      service('iris'),
      { ...secret, kind: 'ConfigMap' },
    ]);
  });

  it('lets through a stream without any model', async () => {
    expect((await rendered(JSON.stringify(secret))).services).toEqual([secret]);
  });

  it('lets through what others call by a name of ours', async () => {
    const other = {
      apiVersion: 'inference.networking.x-k8s.io/v1alpha2',
      kind: 'InferenceModel',
      metadata: {},
    };
    expect((await rendered(JSON.stringify(other))).services).toEqual([other]);
  });

  it('drops what is not ours where it is told to', async () => {
    expect((await renderedWith({ others: 'drop' }, around)).services).toEqual([service('iris')]);
  });

  it('names the kind of items that leave it to their list, as kubectl does', async () => {
    const list = {
      apiVersion: 'dormouse.dev/v1alpha1',
      kind: 'InferenceModelList',
      items: [{ metadata: { name: 'iris', namespace: 'default' }, spec: model().spec }],
    };
    expect((await rendered(JSON.stringify(list))).services).toEqual([service('iris')]);
  });

  it.each([
    ['that of the file', iris, 'default'],
    ['that of the flag where the file has none', iris.replace(', namespace: default', ''), 'team-a'],
  ])('the namespace is %s', async (_, source, namespace) => {
    const { services } = await renderedWith({ namespace: 'team-a' }, source);
    expect(services).toMatchObject([{ metadata: { namespace } }]);
  });

  it('prints one List as JSON', async () => {
    expect((await renderedWith({ output: 'json' }, iris, tulip)).services).toEqual([
      { apiVersion: 'v1', kind: 'List', items: [service('iris'), service('tulip')] },
    ]);
  });

  it('uses the InferenceRuntimes of the input before the built-in ones, and does not print them', async () => {
    const [builtIn] = catalogueManifests().filter(
      (runtime) => parseInferenceRuntime(runtime).name === 'triton-onnx',
    );
    const runtime = parseInferenceRuntime(builtIn);
    const spec = {
      ...runtime.spec,
      container: { ...runtime.spec.container, image: 'registry.example/own:1' },
    };
    const onnx = manifest({ model: { format: 'onnx', uri: 's3://models/m' } }, { namespace: 'default' });
    const { services } = await rendered(
      JSON.stringify(onnx),
      JSON.stringify({ ...(builtIn as object), spec }),
    );
    expect(services).toHaveLength(1);
    expect(JSON.stringify(services)).toContain('registry.example/own:1');
  });

  it.each<[string, string, string]>([
    ['an empty file', '', 'no InferenceModel of dormouse.dev/v1alpha1 in 1.yaml'],
    ['broken YAML', 'a: [', '1.yaml: Flow sequence in block collection must be'],
    [
      'a word that is no text to kubectl',
      iris.replace('spec: { container: {', 'spec: { container: { env: [{ name: A, value: yes }],'),
      '1.yaml: spec.container.env[0].value: must be text: put it in quotes',
    ],
    [
      'two models of a name',
      `${iris}---\n${iris}`,
      '1.yaml, document 2: metadata.name: appears twice: default/iris, first in 1.yaml, document 1',
    ],
    [
      'two runtimes of a name',
      `${runtime}---\n${runtime}`,
      '1.yaml, document 2: metadata.name: appears twice: mine, first in 1.yaml, document 1',
    ],
    [
      'a model and the Knative Service that it becomes',
      `${iris}---\n${JSON.stringify(service('iris'))}`,
      '1.yaml, document 1: metadata.name: becomes the Knative Service default/iris, which is in 1.yaml, document 2: keep one of them',
    ],
    ...[
      ['dormouse.dev/v1', 'InferenceModel', 'InferenceModel'],
      ['dormouse.dev/v1alpha1', 'InferenceModels', 'InferenceModel'],
      ['dormouse.dev/v1alpha1', 'inferencemodel', 'InferenceModel'],
      ['dormouse.dev/v1alpha1', 'Inferenceruntimes', 'InferenceRuntime'],
      ['dormouse.dev/v1alpha1', 'Model', 'InferenceModel, InferenceRuntime or InferenceProfile'],
      ['dormouse.dev', 'InferenceModel', 'InferenceModel'],
      ['dormouse.io/v1alpha1', 'InferenceModel', 'InferenceModel'],
    ].map(([version, kind, meant]): [string, string, string] => [
      `${version} ${kind}`,
      JSON.stringify({ apiVersion: version, kind, metadata: { name: 'iris' } }),
      `1.yaml: apiVersion, kind: there is no ${kind} of ${version}: write apiVersion: dormouse.dev/v1alpha1 and kind: ${meant}`,
    ]),
    [
      'what no cluster as shipped would run',
      iris.replace('spec: {', 'spec: { timeouts: { request: 11m },'),
      '1.yaml: spec.timeouts.request: this cluster allows at most 600s',
    ],
  ])('refuses %s in a sentence, and prints nothing', async (_, source, sentence) => {
    const { services, said } = await rendered(source);
    expect(services).toEqual([]);
    expect(said).toContain(`PlainError: ${sentence}`);
  });

  it('says everything that is wrong at once', async () => {
    const { said } = await rendered(iris.replace('registry', ' '), tulip.replace('spec: {', 'spec: { x: 1,'));
    expect(said).toBe(
      'PlainError: 1.yaml: spec.container.image: must be an image reference, such as registry.example/team/server:1.4\n2.yaml: spec: there is no field x: write model, runtime, container, resources, scale, timeouts, access, profile or pod',
    );
  });

  it('refuses a file that is not there', async () => {
    expect((await outcome([join(tmpdir(), 'missing.yaml')])).said).toBe(
      'PlainError: missing.yaml: no such file',
    );
  });
});
