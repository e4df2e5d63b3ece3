import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { runImport } from '#cli/import/import.ts';

const main = join(import.meta.dirname, '../../../src/main.ts');

const service = (name: string, predictor = '') =>
  `apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: { name: ${name}, namespace: demo }
spec:
  predictor: { minReplicas: 0, containers: [{ image: "registry.example/${name}:1", securityContext: { runAsUser: 1000 } }]${predictor} }
`;
const runtime = `apiVersion: serving.kserve.io/v1alpha1
kind: ClusterServingRuntime
metadata: { name: server }
spec:
  supportedModelFormats: [{ name: sklearn, autoSelect: true }]
  containers: [{ name: kserve-container, image: "registry.example/server:1" }]
`;
const secret = 'apiVersion: v1\nkind: Secret\nmetadata: { name: s }\n';

/** What `dormouse import` makes of files with these contents, and says of them. */
async function imported(output: 'yaml' | 'json', ...sources: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'dormouse-import-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const files = sources.map((_, index) => join(folder, `${index + 1}.yaml`));
  await Promise.all(files.map((file, index) => writeFile(file, sources[index] ?? '')));
  const lines: string[] = [];
  const log = (line: string) => lines.push(line.replace(/^\/\S*\//, ''));
  const { text, code } = await runImport({ files: [folder], output }, log);
  return { text, code, lines };
}

const namesIn = (yaml: string) =>
  parseAllDocuments(yaml).map((document) =>
    [document.get('kind'), document.getIn(['metadata', 'name'])].join(' '),
  );

describe('dormouse import', () => {
  it.each([
    ['files', [service('iris'), service('tulip')]],
    ['a stream', [`---\n${service('iris')}---\n${service('tulip')}`]],
    [
      'a List',
      [
        `apiVersion: v1\nkind: List\nitems:\n${[service('iris'), service('tulip')].map((item) => `- ${item.trimEnd().replaceAll('\n', '\n  ')}\n`).join('')}`,
      ],
    ],
  ])('reads %s', async (_, sources) => {
    const { text, code } = await imported('yaml', ...sources);
    expect(namesIn(text)).toEqual(['InferenceModel iris', 'InferenceModel tulip']);
    expect(code).toBe(0);
  });

  it('prints runtimes first, and one List as JSON', async () => {
    expect(namesIn((await imported('yaml', service('iris'), runtime)).text)).toEqual([
      'InferenceRuntime server',
      'InferenceModel iris',
    ]);
    const { items, ...list } = JSON.parse((await imported('json', service('iris'), runtime)).text);
    expect(list).toEqual({ apiVersion: 'v1', kind: 'List' });
    expect(items).toMatchObject([{ kind: 'InferenceRuntime' }, { kind: 'InferenceModel' }]);
  });

  it('tells what is lost before what else there is to know, and what it left out', async () => {
    const graph = 'apiVersion: serving.kserve.io/v1alpha1\nkind: InferenceGraph\nmetadata: { name: g }\n';
    const { lines, code } = await imported(
      'yaml',
      service(
        'iris',
        ', logger: { url: x }, hostAliases: [{ ip: 10.0.0.1 }], volumes: [{ name: v, hostPath: { path: /a } }]',
      ),
      graph,
      secret,
      'kind: Nothing',
    );
    expect(code).toBe(1);
    expect(lines).toEqual([
      '4.yaml: has no apiVersion and kind, so is no object of Kubernetes: left out',
      '1.yaml: InferenceService demo/iris: converted',
      '  lost (agent): no sidecar logs or batches requests: spec.predictor.logger',
      '  lost (no-field): there is no field for it: spec.predictor.hostAliases',
      '  lost (volume): Knative allows no volume of this kind: spec.predictor.volumes[0]',
      expect.stringMatching(
        /^ {2}note \(default\): .*: metadata\.labels \(.*\), spec\.predictor\.containers\[0\]\.resources \(.*\)$/,
      ),
      '2.yaml: InferenceGraph g: not converted',
      expect.stringMatching(/^ {2}because \(kind\): /),
      '3.yaml: Secret s: not of KServe or Seldon Core: left out',
      'converted 1, not converted 1; lost in what is converted: 3',
    ]);
  });

  it('counts apart what the operator would not accept yet', async () => {
    const paddle = service('paddle').replace(
      /predictor: .*/,
      'predictor: { paddle: { storageUri: "s3://models/paddle" } }',
    );
    const { lines, code } = await imported('yaml', service('iris'), paddle, service('tulip'));
    expect(code).toBe(1);
    expect(lines).toContainEqual(
      expect.stringMatching(/^ {2}rejected \(not-accepted\): .* \(.*there is no InferenceRuntime .*\)$/),
    );
    expect(lines.at(-1)).toBe(
      'converted 3 (of these 1 would not be accepted yet), not converted 0; lost in what is converted: 0',
    );
  });

  it('finds nothing to do where there is nothing of KServe or Seldon Core', async () => {
    await expect(imported('yaml', secret)).rejects.toThrow('nothing of KServe or Seldon Core in');
  });
});

// Each starts a program, on machines that may have much else to do.
it.each<[number, string, string, string[]]>([
  [0, 'all is carried over', service('iris'), ['-f', '-']],
  [1, 'a part is lost', service('iris', ', batcher: { maxLatency: 1 }'), ['-f', '-']],
  [1, 'an object is not converted', service('iris').replace('v1beta1', 'v1alpha1'), ['-f', '-']],
  [2, 'there is nothing to import', secret, ['-f', '-']],
  [2, 'a file is not there', '', ['-f', 'missing.yaml']],
  [2, 'a flag is wrong', '', ['--no-such-flag']],
])('dormouse import ends with %i where %s', { timeout: 60_000 }, (code, _, input, args) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'import', ...args], {
    input,
    encoding: 'utf8',
  });
  expect(status).toBe(code);
  expect(stderr).not.toContain('    at ');
  expect(stdout === '').toBe(code === 2 || stderr.includes('not converted 1'));
});
