import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { found } from '../models.ts';
import { kubeconfigOf, run } from '../run.ts';

const pod = (name: string, namespace: string, createdAt: string) => ({
  metadata: { name, namespace, uid: name, creationTimestamp: `2026-01-01T0${createdAt}:00:00Z` },
});
const status = (code: number, message = '', reason = '') =>
  [code, JSON.stringify({ kind: 'Status', code, message, reason })] as const;

interface Given {
  readonly pods: readonly object[];
  readonly state?: 'Asleep' | 'Failed';
  /** Who holds the Lease; unset where it may not be read. */
  readonly leader?: string;
  readonly log?: (response: ServerResponse) => void;
}

/** What `dormouse logs` prints, and what it asked of the kubelet. */
async function logs(
  { pods, state = 'Asleep', leader, log = (response) => response.end('a line\n') }: Given,
  ...args: readonly string[]
) {
  const asked: string[] = [];
  const config = await kubeconfigOf(({ url = '' }, response) => {
    const { pathname, search } = new URL(url, 'http://server');
    if (pathname.endsWith('/log')) {
      asked.push(pathname.replace(/^\/api\/v1\/namespaces\//, '') + search);
      log(response);
    } else if (pathname.includes('/leases/')) {
      const [code, body] = leader
        ? ([200, JSON.stringify({ spec: { holderIdentity: leader } })] as const)
        : status(403);
      response.writeHead(code).end(body);
    } else if (pathname.endsWith('/pods'))
      response.end(JSON.stringify({ apiVersion: 'v1', kind: 'PodList', metadata: {}, items: pods }));
    else response.end(JSON.stringify(found({ state })));
  });
  return { ...(await run(['logs', '--kubeconfig', config, ...args])), asked };
}

const [old, newer] = [pod('iris-a-1', 'default', '1'), pod('iris-b-1', 'default', '2')];

describe('the log of a model', () => {
  it('is that of the server in its newest pod', async () => {
    expect(await logs({ pods: [old, newer] }, 'iris')).toEqual({
      code: 0,
      stdout: 'a line\n',
      stderr: 'iris has 2 pods; this is the log of iris-b-1\n',
      asked: ['default/pods/iris-b-1/log?container=server'],
    });
  });

  it('is that of another container, before its restart, from the end', async () => {
    const flags = ['-c', 'fetch', '--previous', '--tail', '0'];
    expect((await logs({ pods: [old] }, 'iris', ...flags)).asked).toEqual([
      'default/pods/iris-a-1/log?container=fetch&previous=true&tailLines=0',
    ]);
  });

  it.each([
    ['Asleep', 'iris is asleep and has no pod: "dormouse predict iris" wakes it\n'],
    ['Failed', 'iris has no pod: "dormouse status iris" says why\n'],
  ] as const)('is none where it is %s without a pod', async (state, stderr) => {
    expect(await logs({ pods: [], state }, 'iris')).toMatchObject({ code: 1, stdout: '', stderr });
  });

  it('is refused in the words of Kubernetes', async () => {
    const [code, body] = status(
      400,
      'container "server" in pod "iris-a-1" is waiting to start: PodInitializing',
    );
    const log = (response: ServerResponse) => response.writeHead(code).end(body);
    expect(await logs({ pods: [old], log }, 'iris')).toMatchObject({
      code: 1,
      stderr: 'error: container "server" in pod "iris-a-1" is waiting to start: PodInitializing\n',
    });
  });

  it('is for programs as it was written, byte for byte', async () => {
    const text = '\u001b[32mINFO\u001b[0m 12 %\r13 %\n';
    const log = (response: ServerResponse) => response.end(text);
    expect((await logs({ pods: [old], log }, 'iris')).stdout).toBe(text);
  });
});

describe('a log that is followed', () => {
  it('is printed as it comes, until the user stops it', async () => {
    const log = (response: ServerResponse) => {
      response.write('first\n');
      setTimeout(() => response.write('second\n'), 50);
      setTimeout(() => process.emit('SIGINT'), 200);
    };
    expect(await logs({ pods: [old], log }, 'iris', '--follow')).toMatchObject({
      code: 0,
      stdout: 'first\nsecond\n',
      stderr: '',
      asked: ['default/pods/iris-a-1/log?container=server&follow=true'],
    });
  });

  it('ends with its pod', async () => {
    expect(await logs({ pods: [old] }, 'iris', '-f')).toMatchObject({ code: 0, stdout: 'a line\n' });
  });

  it('says so where the connection breaks', async () => {
    const log = (response: ServerResponse) => response.write('first\n', () => response.socket?.destroy());
    const { code, stdout, stderr } = await logs({ pods: [old], log }, 'iris', '-f');
    expect({ code, stdout }).toEqual({ code: 2, stdout: 'first\n' });
    expect(stderr).toMatch(/^error: the cluster does not answer: GET \S+\/log: /);
  });
});

describe('the log of the operator', () => {
  const operators = [pod('dormouse-1', 'dormouse-system', '2'), pod('dormouse-12', 'dormouse-system', '1')];

  it.each(['dormouse-1', 'dormouse-12'])('is that of the pod that leads: %s', async (name) => {
    expect(await logs({ pods: operators, leader: `${name}_0-0-0` }, '--operator')).toMatchObject({
      code: 0,
      stderr: '',
      asked: [`dormouse-system/pods/${name}/log?container=controller`],
    });
  });

  it.each([undefined, 'gone_0-0-0'])(
    'is that of the newest where the leader is not known: %s',
    async (leader) => {
      expect(await logs({ pods: operators, ...(leader && { leader }) }, '--operator')).toMatchObject({
        code: 0,
        stderr: 'which of 2 pods leads is not known; this is the log of dormouse-1\n',
      });
    },
  );

  it('is asked for by namespace where several operators share a cluster', async () => {
    const both = [...operators, pod('dormouse-3', 'team-a', '3')];
    expect(await logs({ pods: both }, '--operator')).toMatchObject({
      code: 1,
      stderr: 'error: operators run in the namespaces team-a, dormouse-system: choose one with --namespace\n',
    });
  });

  it('is none where no operator runs', async () => {
    expect((await logs({ pods: [] }, '--operator')).stderr).toBe(
      'error: no operator runs here: "dormouse doctor" shows what the cluster lacks\n',
    );
  });
});

it.each([
  [[], 'give the name of one model, or --operator'],
  [['iris', '--operator'], 'give the name of one model, or --operator'],
  [['--operator', '-c', 'fetch'], '--container is for the log of a model: the operator has one container'],
])('logs %j is refused before anything is asked of a cluster', async (args, message) => {
  expect(await run(['logs', ...args])).toMatchObject({ code: 1, stderr: `error: ${message}\n` });
});
