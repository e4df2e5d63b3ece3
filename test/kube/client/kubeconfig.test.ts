import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type ConnectOptions, connect, inCluster } from '#kube/client/connection.ts';
import { RestClient } from '#kube/client/rest.ts';
import { issue } from '../certificates.ts';
import { configMap, configMaps } from '../fixtures.ts';
import { serve } from '../http-server.ts';
import { ManualClock } from '../manual-clock.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

function kubeconfig(
  path: string,
  name: string,
  user: object,
  server = 'https://api.example:6443/base',
): string {
  const config = {
    'current-context': name,
    clusters: [{ name, cluster: { server, 'insecure-skip-tls-verify': true } }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: `ns-${name}` } }],
    users: [{ name, user }],
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
}

test('a file gives server, namespace and fresh headers, and one dispatcher for all requests', async () => {
  const token = join(folder(), 'token');
  writeFileSync(token, 'one\n');
  const clock = new ManualClock();
  const connection = await connect({
    kubeconfig: kubeconfig(join(folder(), 'config'), 'one', { tokenFile: token }),
    env: {},
    clock,
  });
  const first = await connection.authorize();
  writeFileSync(token, 'two\n');
  const rejected = await connection.authorize(first);
  rmSync(token);
  clock.advance(60_001);
  const gone = await connection.authorize();
  expect(connection).toMatchObject({ server: 'https://api.example:6443/base', namespace: 'ns-one' });
  expect([first, rejected, gone].map(({ headers }) => headers.authorization)).toEqual([
    'Bearer one',
    'Bearer two',
    'Bearer two',
  ]);
  expect(rejected.dispatcher).toBe(first.dispatcher);
  await connection.close();
});

test('a new client certificate makes a new dispatcher', async () => {
  const dir = folder();
  const files = { 'client-certificate': 'client.crt', 'client-key': 'client.key' };
  const renew = () => issue(dir, 'client');
  await renew();
  const clock = new ManualClock();
  const connection = await connect({
    kubeconfig: kubeconfig(join(dir, 'config'), 'one', files),
    env: {},
    clock,
  });
  const before = await connection.authorize();
  await renew();
  expect((await connection.authorize()).dispatcher).toBe(before.dispatcher);
  clock.advance(60_001);
  expect((await connection.authorize()).dispatcher).not.toBe(before.dispatcher);
  await connection.close();
});

test('requests in a row share a connection', async () => {
  const server = await serve((_, response) => response.end(JSON.stringify(configMap('a', '1'))));
  const file = kubeconfig(join(folder(), 'config'), 'one', { username: 'u', password: 'p' }, server.url);
  const connection = await connect({ kubeconfig: file, env: {} });
  const client = new RestClient(connection);
  for (let i = 0; i < 20; i++) await client.get(configMaps, { namespace: 'default', name: 'a' });
  expect(server.accepted).toBeLessThanOrEqual(2);
  await connection.close();
});

test('KUBECONFIG may name several files: the first has the current context, missing ones are passed over', async () => {
  const dir = folder();
  const one = kubeconfig(join(dir, 'one'), 'one', { token: 't1' });
  const two = kubeconfig(join(dir, 'two'), 'two', { token: 't2' });
  const env = { KUBECONFIG: [join(dir, 'missing'), one, two].join(delimiter) };
  expect((await connect({ env })).namespace).toBe('ns-one');
  expect((await connect({ env, context: 'two' })).namespace).toBe('ns-two');
});

test('of entries of one name in several files, the first counts, as for kubectl', async () => {
  const dir = folder();
  const one = kubeconfig(join(dir, 'one'), 'admin', { token: 't1' }, 'https://one.example');
  const two = kubeconfig(join(dir, 'two'), 'admin', { token: 't2' }, 'https://two.example');
  const connection = await connect({ env: { KUBECONFIG: [one, two].join(delimiter) } });
  expect(connection.server).toBe('https://one.example');
  expect((await connection.authorize()).headers).toMatchObject({ authorization: 'Bearer t1' });
});

test('the current context is that of the first file that has one', async () => {
  const dir = folder();
  writeFileSync(join(dir, 'none'), 'apiVersion: v1\nkind: Config\nclusters: null\ncurrent-context: ""\n');
  writeFileSync(join(dir, 'empty'), '');
  const two = kubeconfig(join(dir, 'two'), 'two', { token: 't2' });
  const env = { KUBECONFIG: [join(dir, 'none'), join(dir, 'empty'), two].join(delimiter) };
  expect((await connect({ env })).namespace).toBe('ns-two');
});

test.each<[string, string, ConnectOptions['context'], string]>([
  ['broken YAML', 'clusters: [', undefined, 'config is no usable kubeconfig: '],
  ['no YAML of a kubeconfig', 'clusters: [{}]', undefined, 'config is no usable kubeconfig: '],
  ['nothing', '', undefined, 'config: has no current-context'],
  [
    'no current context',
    'contexts: [{ name: a, context: { cluster: x } }, { name: b, context: { cluster: x } }]',
    undefined,
    'config: has no current-context: choose one of a, b with --context',
  ],
  [
    'not the context asked for',
    'contexts: [{ name: a, context: { cluster: x } }]',
    'c',
    'config: has no context "c": choose one of a with --context',
  ],
  [
    'a context without its cluster',
    'contexts: [{ name: a, context: { cluster: x } }]',
    'a',
    'config: context "a" names cluster "x", which is not there',
  ],
  ...(
    [
      [
        'an auth-provider',
        { user: { 'auth-provider': { name: 'gcp' } } },
        'has the auth-provider "gcp": use an exec plugin instead',
      ],
      ['a token and a password', { user: { token: 't', password: 'p' } }, 'has both token and password'],
      [
        'a certificate without its key',
        { user: { 'client-certificate-data': 'eA==' } },
        'a client certificate without client-key',
      ],
      ['groups without a user', { user: { 'as-groups': ['a'] } }, 'as-groups or as-user-extra without as'],
      [
        'an exec plugin of an old version',
        { user: { exec: { command: 'x', apiVersion: 'client.authentication.k8s.io/v1alpha1' } } },
        'must be client.authentication.k8s.io/v1 or client.authentication.k8s.io/v1beta1',
      ],
      [
        'an exec plugin without an interactiveMode',
        { user: { exec: { command: 'x', apiVersion: 'client.authentication.k8s.io/v1' } } },
        'it must be Never, IfAvailable, Always',
      ],
      [
        'no server',
        { cluster: { server: '' } },
        'is no usable kubeconfig: clusters[0].cluster.server is missing',
      ],
      ['a server that is no URL', { cluster: { server: 'ftp://x' } }, 'must be a URL such as https://'],
      [
        'a proxy of a scheme that there is not',
        { cluster: { server: 'https://x', 'proxy-url': 'gopher://x' } },
        'must begin with http://, https:// or socks5://',
      ],
      [
        'an authority that is not asked',
        {
          cluster: {
            server: 'https://x',
            'insecure-skip-tls-verify': true,
            'certificate-authority-data': 'eA==',
          },
        },
        'insecure-skip-tls-verify beside a certificate authority',
      ],
    ] as const
  ).map(([what, parts, sentence]): [string, string, undefined, string] => [
    what,
    JSON.stringify({
      'current-context': 'a',
      contexts: [{ name: 'a', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: 'cluster' in parts ? parts.cluster : { server: 'https://x' } }],
      users: [{ name: 'u', user: 'user' in parts ? parts.user : {} }],
    }),
    undefined,
    sentence,
  ]),
])('a file with %s is refused in one sentence that names it', async (_, text, context, sentence) => {
  const file = join(folder(), 'config');
  writeFileSync(file, text);
  const error: Error = await connect({ kubeconfig: file, ...(context && { context }), env: {} }).then(
    () => expect.fail(),
    (reason) => reason,
  );
  expect(error.message).toContain(sentence);
  expect(error.message).not.toContain('\n');
});

test('without a kubeconfig the error says where it was looked for', async () => {
  const home = folder();
  await expect(connect({ env: { HOME: home } })).rejects.toThrow(
    `no kubeconfig at ${join(home, '.kube', 'config')}`,
  );
});

test('a pod reads its renewed token within a minute, and keeps its connections', async () => {
  const dir = folder();
  const write = (file: string, text: string): void => writeFileSync(join(dir, file), text);
  for (const [file, text] of Object.entries({
    token: 'one\n',
    'ca.crt': readFileSync(await issue(dir, 'ca'), 'utf8'),
    namespace: 'ns',
  }))
    write(file, text);
  const clock = new ManualClock();
  const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
  const connection = inCluster(env, dir, clock);
  expect(connection).toMatchObject({ server: 'https://[fd00::1]:443', namespace: 'ns' });
  const before = await connection.authorize();
  write('token', 'two\n');
  clock.advance(60_001);
  const after = await connection.authorize();
  expect([before.headers, after.headers]).toEqual([
    { authorization: 'Bearer one' },
    { authorization: 'Bearer two' },
  ]);
  expect(after.dispatcher).toBe(before.dispatcher);
  await connection.close();
});
