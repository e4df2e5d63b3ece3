import { describe, expect, it } from 'vitest';
import { restartText } from '#cli/restart/restart.ts';
import { asleep, condition, found } from '../models.ts';
import { kubeconfigOf, run } from '../run.ts';

/** The model as it was before, and once a revision of another name serves, or has failed. */
const typed = (model: ReturnType<typeof found>, resourceVersion: string) => ({
  apiVersion: 'dormouse.dev/v1alpha1',
  kind: 'InferenceModel',
  ...model,
  metadata: { ...model.metadata, resourceVersion },
});
const before = typed(found({ replicas: 1 }), '1');
const after = typed(found({ revisions: [{ ...asleep, name: 'iris-b' }] }), '2');
const failed = typed(
  found({
    revisions: [{ ...asleep, name: 'iris-b' }],
    state: 'Failed',
    conditions: [
      condition('Ready', 'False', 'ContainerExited', 'container server exited with code 1'),
      condition('Stalled', 'True', 'ContainerExited', 'container server exited with code 1'),
    ],
  }),
  '2',
);
const event = (type: string, object: object) => `${JSON.stringify({ type, object })}\n`;
const listed = {
  apiVersion: 'dormouse.dev/v1alpha1',
  kind: 'InferenceModel',
  metadata: { name: '', resourceVersion: '2', annotations: { 'k8s.io/initial-events-end': 'true' } },
};

const list = (...items: readonly object[]) => ({
  apiVersion: 'dormouse.dev/v1alpha1',
  kind: 'InferenceModelList',
  metadata: { resourceVersion: '1' },
  items,
});

/** What a watch meets, one after the other: the last one is what comes of it. */
async function restarted(watches: readonly ('reset' | 'gone' | 'ended' | object)[], ...flags: string[]) {
  const met = [...watches];
  const patches: string[] = [];
  const config = await kubeconfigOf((request, response) => {
    if (request.method === 'PATCH') {
      request.on('data', (chunk) => patches.push(String(chunk)));
      request.on('end', () => response.end(JSON.stringify(before)));
    } else if (!request.url?.includes('watch=true'))
      response.end(JSON.stringify(request.url?.endsWith('/iris') ? before : list(before)));
    else {
      const next = met.length > 1 ? met.shift() : met[0];
      if (next === 'reset') request.socket.destroy();
      else if (next === 'gone')
        response.end(event('ERROR', { kind: 'Status', code: 410, reason: 'Expired' }));
      else if (next === 'ended') response.end();
      else response.end(event('ADDED', next as object) + event('BOOKMARK', listed));
    }
  });
  return { ...(await run(['restart', 'iris', '--kubeconfig', config, ...flags])), patches };
}

describe('a restart', () => {
  it.each([
    { name: 'at once', watches: [after] },
    {
      name: 'after a connection that breaks, a history that is gone and a watch that ends at once',
      watches: ['reset', 'gone', 'ended', after] as const,
    },
  ])('waits until the new revision serves: $name', { timeout: 60_000 }, async ({ watches }) => {
    const { code, stderr, patches } = await restarted(watches);
    expect(stderr).toBe(
      'iris: 1 pod serves until the new revision does, and then ends with the last requests\niris: iris-b serves\n',
    );
    expect(code).toBe(0);
    expect(patches.join('')).toMatch(/"dormouse.dev\/refresh":"2/);
  });

  it('ends at once where the new revision fails, with the cause', async () => {
    const { code, stderr } = await restarted([failed]);
    expect(code).toBe(1);
    expect(stderr).toContain('error: default/iris: container server exited with code 1\n');
  });

  it('does not wait where it is told so', async () => {
    const { code, stderr } = await restarted([before], '--no-wait');
    expect(code).toBe(0);
    expect(stderr).toContain('"dormouse status iris --wait" waits for it');
  });

  it('says where the model is when time runs out', async () => {
    const { code, stderr } = await restarted([before], '--timeout', '1s');
    expect(code).toBe(1);
    expect(stderr).toContain('error: default/iris is Asleep after 1 s: see "dormouse status iris"\n');
  });
});

it('a restart says what happens to the pods that run', () => {
  expect(restartText(found())).toBe('iris: no pod of it serves; a new revision starts');
  expect(restartText(found({ replicas: 2 }))).toBe(
    'iris: 2 pods serve until the new revision does, and then end with the last requests',
  );
});

describe('status --wait', () => {
  it.each([
    { name: 'a model that is ready', given: after, code: 0 },
    { name: 'a model that has failed, at once', given: failed, code: 1 },
  ])('ends with $code for $name', async ({ given, code }) => {
    const config = await kubeconfigOf((request, response) => {
      if (request.url?.includes('watch=true'))
        response.end(event('ADDED', given) + event('BOOKMARK', listed));
      else if (request.url?.endsWith('/inferencemodels/iris')) response.end(JSON.stringify(before));
      else if (/\/services\/iris$/.test(request.url ?? ''))
        response.writeHead(404).end(JSON.stringify({ kind: 'Status', code: 404, reason: 'NotFound' }));
      else response.end(JSON.stringify({ apiVersion: 'v1', kind: 'XList', metadata: {}, items: [] }));
    });
    const ended = await run(['status', 'iris', '--wait', '--timeout', '20s', '--kubeconfig', config]);
    expect(ended).toMatchObject({ code, stderr: '' });
  });
});
