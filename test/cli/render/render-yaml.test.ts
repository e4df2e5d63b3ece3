import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { synthesize } from '#synth/synthesize.ts';
import { environment } from '../../support/environment.ts';
import { model } from '../../support/models.ts';
import { irisYaml as iris, rendered } from '../../support/rendered.ts';

const tulip = iris.replace('name: iris', 'name: tulip');
const service = (name: string) => synthesize(model({}, { name }), environment());
const image = 'container: { image: "registry.example/iris:1" }';
/** The model with a variable of this value. */
const variable = (value: string) =>
  iris.replace(image, `container: { image: a/b, env: [{ name: A, value: ${value} }] }`);
/** The model with something more in its spec. */
const spec = (more: string) => iris.replace('spec: {', `spec: { ${more},`);
const megabytes = (letter: string, count = 10) => letter.repeat(count * 1_000_000);

describe('YAML that says the same in another way', () => {
  it.each<[string, string, string[]]>([
    [
      'an alias',
      iris.replace('{ name: iris', '{ labels: &l { a: b }, annotations: *l, name: iris'),
      ['iris'],
    ],
    ['a merge key', iris.replace(image, 'container: { <<: { image: "registry.example/iris:1" } }'), ['iris']],
    ['a tag of JSON', iris.replace('name: iris', 'name: !!str iris'), ['iris']],
    ['a tab where a space may stand', iris.replace('metadata: {', 'metadata:\t{'), ['iris']],
    ['a byte order mark before each document', `\uFEFF${iris}---\n\uFEFF${tulip}`, ['iris', 'tulip']],
    ['ends of documents', `%YAML 1.1\n---\n${iris}...\n---\n${tulip}...\n`, ['iris', 'tulip']],
    ['a comment of megabytes', `# ${megabytes('x')}\n${iris}`, ['iris']],
    [
      'names of a prototype in metadata',
      iris.replace('{ name', '{ toString: 1, constructor: 1, name'),
      ['iris'],
    ],
  ])('%s', async (_, source, names) => {
    expect((await rendered(source)).services).toEqual(names.map(service));
  });
});

describe('YAML that is refused in one sentence, with nothing printed', () => {
  it.each<[string, string | Uint8Array, string]>([
    ['a tab', 'a:\n\tb: 1', '1.yaml: Tabs are not allowed as indentation at line 2, column 1'],
    ['a key twice', 'a: 1\na: 2', '1.yaml: Map keys must be unique at line 2, column 1'],
    [
      'a key twice, deep',
      iris.replace('image:', 'image: x, image:'),
      '1.yaml: Map keys must be unique at line 4',
    ],
    ['an alias of nothing', 'a: *b', '1.yaml: Unresolved alias'],
    [
      'an alias of another document',
      `a: &a 1\n---\n${variable('*a')}`,
      '1.yaml, document 2: Unresolved alias',
    ],
    ['an alias in itself', 'a: &a { b: *a }', '1.yaml: has an alias within what it stands for'],
    [
      'a bomb of aliases',
      bomb((item) => `[${Array(9).fill(item).join(', ')}]`),
      '1.yaml: its aliases stand for too much',
    ],
    [
      'a bomb of merges',
      bomb((item) => `{ <<: [${Array(9).fill(item).join(', ')}] }`),
      '1.yaml: its aliases stand for too much',
    ],
    ['a merge of what is no map', spec('<<: [1]'), '1.yaml: Merge sources must be maps or map aliases'],
    ['brackets without end', '['.repeat(50_000), '1.yaml: is nested too deeply at line 1'],
    ['maps in maps', `${iris}deep: ${'{a: '.repeat(20_000)}`, '1.yaml: is nested too deeply at line 5'],
    ['lists in lists', '- '.repeat(50_000), '1.yaml: is nested too deeply at line 1'],
    [
      'code',
      variable('!!js/function "() => 1"'),
      '1.yaml: has a tag that Kubernetes does not know, tag:yaml.org,2002:js/function: leave it out at line 4',
    ],
    [
      'bytes',
      variable('!!binary "aGVsbG8="'),
      '1.yaml: has a tag that Kubernetes does not know, tag:yaml.org,2002:binary',
    ],
    [
      'a set',
      variable('!!set { a }'),
      '1.yaml: has a tag that Kubernetes does not know, tag:yaml.org,2002:set',
    ],
    [
      'a tag of somebody',
      variable('!Ref x'),
      '1.yaml: has a tag that Kubernetes does not know, !Ref: leave it out at line 4',
    ],
    [
      'a number that is no number',
      variable('!!int x'),
      '1.yaml: has a tag that Kubernetes does not know, tag:yaml.org,2002:int',
    ],
    ['a directive of somebody', `%FOO bar\n---\n${iris}`, '1.yaml: Unknown directive %FOO at line 1'],
    ['a YAML of the future', `%YAML 9.9\n---\n${iris}`, '1.yaml: Unsupported YAML version 9.9 at line 1'],
    ['a key that is a list', `? [a, b]\n: 1\n${iris}`, '1.yaml: has a key that is no text at line 1'],
    [
      'a number beyond all',
      spec('scale: { maxReplicas: 1e400 }'),
      '1.yaml: maxReplicas: the number is too large, or none',
    ],
    [
      'a number that JSON rounds',
      spec('scale: { maxReplicas: 12345678901234567890 }'),
      '1.yaml: maxReplicas: the number is too large',
    ],
    [
      'no number',
      spec('scale: { maxReplicas: .nan }'),
      '1.yaml: maxReplicas: the number is too large, or none',
    ],
    ['a broken document behind a good one', `${iris}---\na: [`, '1.yaml, document 2: Flow sequence'],
    [
      'a broken document between good ones',
      `${iris}---\na: {b\n---\n${tulip}`,
      '1.yaml, document 2: Flow map',
    ],
    ['a value of a template', spec('scale: {{ .Values.scale }}'), '1.yaml: looks like a template of Helm'],
    [
      'a block of a template',
      `{{- if .Values.iris }}\n${iris}{{- end }}\n`,
      '1.yaml: looks like a template of Helm',
    ],
    ['a NUL', `${iris}\0`, '1.yaml: Implicit map keys need to be followed by map values at line 5'],
    ['UTF-16', Buffer.from(`\uFEFF${iris}`, 'utf16le'), '1.yaml: is not UTF-8: save it as UTF-8 text'],
    ['half a letter', Buffer.from([...Buffer.from(iris), 0xc3]), '1.yaml: is not UTF-8'],
    ['a prototype', spec('__proto__: { container: { image: a/b } }'), '1.yaml: has a key __proto__'],
    [
      'a model that is a prototype',
      `__proto__: { ${iris.trim().replaceAll('\n', ', ')} }`,
      '1.yaml: has a key __proto__',
    ],
    [
      'a name in a prototype',
      iris.replace('name: iris', '__proto__: { name: iris }'),
      '1.yaml: has a key __proto__',
    ],
    [
      'a name that is missing',
      iris.replace('name: iris', 'names: iris'),
      '1.yaml: metadata.name: is missing',
    ],
    ['a constructor', spec('constructor: 1'), '1.yaml: spec: there is no field constructor'],
    [
      'a resource named __proto__',
      spec('resources: { limits: { __proto__: 1 } }'),
      '1.yaml: has a key __proto__',
    ],
    [
      'a name of megabytes',
      iris.replace('name: iris', `name: ${megabytes('x', 1)}`),
      '1.yaml: metadata.name: must be lower case letters',
    ],
    ['a key of megabytes', spec(`${megabytes('k')}: 1`), '1.yaml: spec: there is no field kkk'],
  ])('%s', { timeout: 60_000 }, async (_, source, sentence) => {
    const { services, said } = await rendered(source);
    expect(services).toEqual([]);
    expect(said).toContain(sentence);
    const last = said.split('\n').at(-1) ?? '';
    expect(last).toMatch(/^PlainError: /);
    expect(last.length).toBeLessThan(1100);
  });
});

it('ends with status 1 and one line on standard error, and half a stream is never printed', {
  timeout: 60_000,
}, () => {
  const main = join(import.meta.dirname, '../../../src/main.ts');
  const input = `${iris}---\n${tulip}---\na: [`;
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'render', '-f', '-'], {
    input,
    encoding: 'utf8',
  });
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^error: standard input, document 3: Flow sequence[^\n]*\n$/);
  expect(status).toBe(1);
});

/** Seven values, each with nine of the one before in it. */
function bomb(nine: (item: string) => string): string {
  const lines = Array.from(
    { length: 7 },
    (_, index) => `l${index + 1}: &l${index + 1} ${nine(`*l${index}`)}`,
  );
  return ['l0: &l0 { x: 1 }', ...lines].join('\n');
}
