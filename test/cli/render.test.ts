import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { render } from '../../src/cli/render.ts';
import { synthesize } from '../../src/synth/synthesize.ts';
import { environment } from '../support/environment.ts';
import { manifest, model } from '../support/models.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dormouse-render-'));
});
afterAll(() => rm(folder, { recursive: true }));

interface Rendered {
  /** What was printed, parsed. */
  readonly services: readonly unknown[];
  /** What was said beside it, or why nothing was printed; without the name of the folder. */
  readonly said: string;
}

/** What `dormouse render -f` makes of files with these contents: 1.yaml, 2.yaml and so on. */
async function rendered(...sources: readonly string[]): Promise<Rendered> {
  const files = sources.map((_, index) => join(folder, `${index + 1}.yaml`));
  await Promise.all(files.map((file, index) => writeFile(file, sources[index] ?? '')));
  return outcome(files);
}

async function outcome(files: readonly string[]): Promise<Rendered> {
  const lines: string[] = [];
  const text = await render(files, (line) => lines.push(line)).catch((error: Error) => {
    lines.push(`${error.name}: ${error.message}`);
    return '';
  });
  const services = [...parseAllDocuments(text)].map((document) => document.toJS());
  return { services, said: lines.join('\n').replaceAll(`${folder}/`, '') };
}

const iris = `apiVersion: dormouse.dev/v1alpha1
kind: InferenceModel
metadata: { name: iris, namespace: default }
spec: { container: { image: "registry.example/iris:1" } }
`;
const tulip = iris.replace('name: iris', 'name: tulip');
const service = (name: string) => synthesize(model({}, { name }), environment());

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
      'rendered without a cluster: revisions that run there are not held, and its own defaults are not known',
    );
  });

  it('leaves out what is no InferenceModel, and says so', async () => {
    const { services, said } = await rendered(`kind: Secret\n---\n- 1\n---\ntext\n---\n${iris}`);
    expect(services).toEqual([service('iris')]);
    expect(said.split('\n').slice(0, 3)).toEqual(
      [1, 2, 3].map((n) => `1.yaml, document ${n}: not an InferenceModel of dormouse.dev/v1alpha1, left out`),
    );
  });

  it.each<[string, string, string]>([
    ['an empty file', '', 'no InferenceModel of dormouse.dev/v1alpha1 in 1.yaml'],
    ['broken YAML', 'a: [', '1.yaml: Flow sequence in block collection must be'],
    ['a tab', 'a:\n\tb: 1', '1.yaml: Tabs are not allowed as indentation at line 2, column 1'],
    ['a key twice', 'a: 1\na: 2', '1.yaml: Map keys must be unique at line 2, column 1'],
    ['an alias of nothing', 'a: *b', '1.yaml: Unresolved alias'],
    [
      'an alias within what it stands for',
      'a: &a { b: *a }',
      '1.yaml: Converting circular structure to JSON',
    ],
    ['a bomb of aliases', bomb(), '1.yaml: Excessive alias count'],
    ['brackets without end', '['.repeat(50_000), '1.yaml: Maximum call stack size exceeded'],
    [
      'a word that is no text to kubectl',
      iris.replace('spec: { container: {', 'spec: { container: { env: [{ name: A, value: yes }],'),
      '1.yaml: spec.container.env[0].value: Invalid input: expected string, received boolean',
    ],
    [
      'two models of a name',
      `${iris}---\n${iris}`,
      '1.yaml, document 2: metadata.name: appears twice: default/iris',
    ],
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
      'PlainError: 1.yaml: spec.container.image: must be an image reference, such as registry.example/team/server:1.4\n2.yaml: spec: Unrecognized key: "x"',
    );
  });

  it.each([
    ['a file that is not there', 'missing.yaml', 'PlainError: missing.yaml: no such file'],
    ['a folder', '', 'is a folder: name the files in it'],
  ])('refuses %s', async (_, name, sentence) => {
    expect((await outcome([join(folder, name)])).said).toContain(sentence);
  });
});

/** Nine lists of nine of the one before, seven times over. */
function bomb(): string {
  const lists = Array.from(
    { length: 7 },
    (_, index) => `l${index + 1}: &l${index + 1} [${Array(9).fill(`*l${index}`).join(', ')}]`,
  );
  return ['l0: &l0 x', ...lists].join('\n');
}
