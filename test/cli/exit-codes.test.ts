import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { irisYaml } from '../support/rendered.ts';
import { kubeconfigOf, run, scratch } from './run.ts';

const iris = () => scratch('iris.yaml', irisYaml);

/** What a server does with all but `/version`, behind which a connection counts as made. */
type Fault = (request: IncomingMessage, response: ServerResponse) => void;

const cut: Fault = (request) => request.socket.destroy();
const forbid: Fault = (_, response) =>
  response.writeHead(403).end(JSON.stringify({ kind: 'Status', code: 403, message: 'you may not do that' }));
const nothing: Fault = (_, response) =>
  response.end(JSON.stringify({ apiVersion: 'v1', kind: 'XList', metadata: {}, items: [] }));

const commands = {
  get: ['get'],
  status: ['status', 'iris'],
  predict: ['predict', 'iris', '--rows', '[[1]]'],
  doctor: ['doctor'],
  eject: ['eject', 'iris', '--yes'],
  version: ['version'],
  'upgrade --plan': ['upgrade', '--plan'],
  upgrade: ['upgrade', 'iris'],
  render: ['render', '--against', 'cluster', '-f'],
  diff: ['diff', '-f'],
};

async function outcome(command: readonly string[], fault: Fault) {
  const file = command.at(-1) === '-f' ? [await iris()] : [];
  return run([...command, ...file, '--kubeconfig', await kubeconfigOf(fault)]);
}

describe.each(Object.entries(commands))('dormouse %s', (_, command) => {
  it('ends with 2 where there is no cluster', async () => {
    const file = command.at(-1) === '-f' ? [await iris()] : [];
    const { code, stderr } = await run([...command, ...file, '--kubeconfig', 'missing']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: no kubeconfig at missing: [^\n]*\n$/);
  });

  it('ends with 2 where the cluster is lost', async () => {
    const { code, stderr } = await outcome(command, cut);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: the cluster does not answer: GET \/api\S*: [^\n]*\n$/);
  });
});

// Two go on with what they may see.
const { doctor: _, version: __, ...others } = commands;
it.each(Object.entries(others))(
  'dormouse %s tells in a sentence what it may not do',
  async (name, command) => {
    const { code, stderr } = await outcome(command, forbid);
    expect(code).toBe(/upgrade|diff/.test(name) ? 2 : 1);
    expect(stderr).toBe('error: you may not do that\n');
  },
);

it('dormouse render ends with 2 where what was saved of a cluster is none', async () => {
  const { code, stdout } = await run([
    'render',
    '-f',
    await iris(),
    '--against',
    await scratch('saved.yaml', ''),
  ]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
});

it('dormouse version tells its own where there is no cluster', async () => {
  const { stdout } = await run(['version', '--kubeconfig', 'missing']);
  expect(stdout).toMatch(/^dormouse +\d/);
  expect(await run(['version', '--client'])).toMatchObject({ code: 0, stdout, stderr: '' });
});

it('dormouse get tells of names that no namespace has', async () => {
  expect(await outcome(['get', 'iris', 'rose', '-A'], nothing)).toMatchObject({
    code: 1,
    stderr:
      'error: there is no InferenceModel iris in any namespace\nthere is no InferenceModel rose in any namespace\n',
  });
});

it.each([
  [['get', '-n', 'Bad_NS'], /'Bad_NS' is invalid. Write the name of a namespace: /],
  [['render', '-f', 'x', '-n', 'Bad_NS'], /'Bad_NS' is invalid. Write the name of a namespace: /],
  [['predict', 'iris'], /^error: there is nothing to ask: give one of -f, --rows and --text\n$/],
  [['predict', 'iris', '--rows', '[]', '--text', 'x'], /^error: --rows and --text exclude each other: /],
])('dormouse %j is told what is wrong, without the whole of the help', async (args, words) => {
  const { code, stderr } = await run(args);
  expect(code).toBe(1);
  expect(stderr).toMatch(words);
  expect(stderr.split('\n').length).toBeLessThan(5);
});
