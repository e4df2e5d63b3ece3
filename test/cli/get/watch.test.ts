import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { FoundModel } from '#cli/cluster/model.ts';
import { rowPrinter } from '#cli/get/get.ts';
import { plainScreen } from '#cli/terminal/output.ts';
import { found, now } from '../models.ts';
import { kubeconfigOf, run } from '../run.ts';

const kind = { apiVersion: 'dormouse.dev/v1alpha1', kind: 'InferenceModel' };
const model = (name: string, resourceVersion: string, status: FoundModel['status'] = {}) => {
  const { metadata, ...rest } = found(status);
  return { ...kind, ...rest, metadata: { ...metadata, name, uid: `uid-of-${name}`, resourceVersion } };
};
const event = (type: string, object: object) => `${JSON.stringify({ type, object })}\n`;
const listed = event('BOOKMARK', {
  ...kind,
  metadata: { name: '', resourceVersion: '9', annotations: { 'k8s.io/initial-events-end': 'true' } },
});
const expired = event('ERROR', { kind: 'Status', code: 410, reason: 'Expired' });

type Step = (response: ServerResponse) => void;
const ending =
  (...events: readonly string[]): Step =>
  (response) =>
    response.end(events.join(''));
const cut: Step = (response) => response.socket?.destroy();
const refuse: Step = (response) =>
  response
    .writeHead(403)
    .end(JSON.stringify({ kind: 'Status', code: 403, message: 'you may not watch that' }));
/** Ctrl-C of the user. The watch is left open. */
const interrupt: Step = (response) => {
  response.flushHeaders();
  process.emit('SIGINT');
};

/** What `dormouse get --watch` prints where watches meet these steps, one each. */
async function watched(models: readonly object[], steps: readonly Step[], ...args: string[]) {
  const left = [...steps];
  const asked: string[] = [];
  const config = await kubeconfigOf((request, response) => {
    const { url = '' } = request;
    if (url.includes('watch=true')) {
      asked.push(url);
      (left.shift() ?? interrupt)(response);
    } else if (url.endsWith('/iris')) response.end(JSON.stringify(model('iris', '1')));
    else
      response.end(
        JSON.stringify({
          ...kind,
          kind: 'InferenceModelList',
          metadata: { resourceVersion: '1' },
          items: models,
        }),
      );
  });
  return { ...(await run(['get', '--watch', '--kubeconfig', config, ...args])), asked };
}

const iris = model('iris', '1');
const woken = model('iris', '2', { state: 'Awake' });
const rose = model('a-rose-by-any-other-name', '3', { state: 'RollingOut' });

describe('a watch of models', () => {
  it('prints each change once, whatever becomes of the connection meanwhile', {
    timeout: 30_000,
  }, async () => {
    const steps = [
      ending(event('ADDED', iris), listed, event('MODIFIED', woken)),
      cut,
      ending(expired),
      ending(event('ADDED', woken), event('ADDED', rose), listed, event('DELETED', rose)),
    ];
    const { code, stdout, stderr } = await watched([iris], steps);
    const lines = stdout.split('\n').map((line) => line.split(/ +/).slice(0, 3));
    expect(lines).toEqual([
      ['NAME', 'URL', 'STATE'],
      ['iris', iris.status?.url, 'Asleep'],
      ['iris', iris.status?.url, 'Awake'],
      ['a-rose-by-any-other-name', rose.status?.url, 'RollingOut'],
      [''],
    ]);
    expect(stderr).toMatch(
      /^the cluster does not answer: GET \S+: .*; trying again in \d\.\d s\ndefault\/a-rose-by-any-other-name was deleted\n$/,
    );
    expect(code).toBe(0);
  });

  it('tells of a deletion of which no event came', async () => {
    const { stderr } = await watched(
      [iris],
      [ending(event('ADDED', iris), listed), ending(expired), ending(listed)],
    );
    expect(stderr).toBe('default/iris was deleted\n');
  });

  it('ends where the server refuses it', async () => {
    const { code, stderr } = await watched([iris], [refuse]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'error: you may not watch that\n' });
  });

  it('begins with the head where the first model comes later', async () => {
    const { stdout, stderr } = await watched([], [ending(listed, event('ADDED', rose))]);
    expect(stdout).toMatch(/^NAME +URL .*\na-rose-by-any-other-name +http\S+ +RollingOut +True /);
    expect(stderr).toBe('no models in namespace default\n');
  });

  it('of one model, for programs, is a stream of documents', async () => {
    const steps = [ending(event('ADDED', iris), listed, event('MODIFIED', woken))];
    const { stdout, asked } = await watched([iris], steps, 'iris', '-o', 'yaml');
    expect(stdout.split('---\n').map((text) => /state: (\w+)/.exec(text)?.[1])).toEqual(['Asleep', 'Awake']);
    expect(asked[0]).toContain('fieldSelector=metadata.name%3Diris');
    expect((await watched([iris], steps, 'iris', '-o', 'name')).stdout).toBe(
      'inferencemodel.dormouse.dev/iris\n'.repeat(2),
    );
  });

  it('takes one name', async () => {
    const { code, stdout, stderr } = await watched([], [], 'iris', 'rose');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe('error: --watch takes one name, or none for all models\n');
  });
});

it('rows that come later cut nothing off, and move nothing back', () => {
  const rows = rowPrinter({}, plainScreen);
  const text = [iris, rose, woken].map((each) => rows([each], now)).join('');
  const [, first, wide, last] = text.split('\n');
  expect(wide).toContain('a-rose-by-any-other-name   http');
  expect(last?.indexOf('True')).toBe(wide?.indexOf('True'));
  expect(first?.indexOf('True')).toBeLessThan(wide?.indexOf('True') ?? 0);
});

it('rows fit a terminal of 80 columns', () => {
  const rows = rowPrinter({ withNamespace: true }, { ...plainScreen, width: 80 });
  const text = [iris, rose, woken].map((each) => rows([each], now)).join('');
  expect(text.split('\n').filter(({ length }) => length > 80)).toEqual([]);
});
