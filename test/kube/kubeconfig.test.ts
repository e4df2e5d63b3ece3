import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { connect, inCluster } from '../../src/kube/kubeconfig.ts';
import { RestClient } from '../../src/kube/rest.ts';
import { configMap, configMaps } from './fixtures.ts';
import { serve } from './http-server.ts';
import { ManualClock } from './manual-clock.ts';

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
  writeFileSync(token, 'secret');
  const user = { 'auth-provider': { name: 'tokenFile', config: { tokenFile: token } } };
  const connection = await connect({
    kubeconfig: kubeconfig(join(folder(), 'config'), 'one', user),
    env: {},
  });
  const [first, second] = [await connection.authorize(), await connection.authorize()];
  expect(connection).toMatchObject({ server: 'https://api.example:6443/base', namespace: 'ns-one' });
  expect(first.headers).toMatchObject({ Authorization: 'Bearer secret' });
  expect(second.dispatcher).toBe(first.dispatcher);
  await connection.close();
});

test('a new client certificate makes a new dispatcher', async () => {
  const certificate = join(folder(), 'client.crt');
  writeFileSync(certificate, 'one');
  const file = kubeconfig(join(folder(), 'config'), 'one', { 'client-certificate': certificate });
  const connection = await connect({ kubeconfig: file, env: {} });
  const before = await connection.authorize();
  writeFileSync(certificate, 'two');
  const after = await connection.authorize();
  expect(after.dispatcher).not.toBe(before.dispatcher);
  await connection.close();
});

test('requests in a row share a connection', async () => {
  const server = await serve((_, response) => response.end(JSON.stringify(configMap('a', '1'))));
  const file = kubeconfig(join(folder(), 'config'), 'one', { username: 'u', password: 'p' }, server.url);
  const connection = await connect({ kubeconfig: file, env: {} });
  const client = new RestClient(connection);
  for (let i = 0; i < 20; i++) await client.get(configMaps, { namespace: 'default', name: 'a' });
  expect(server.accepted).toBeLessThanOrEqual(2);
  expect((await connection.authorize()).headers).toEqual({ Authorization: 'Basic dTpw' });
  await connection.close();
});

test('KUBECONFIG may name several files: the first has the current context, missing ones are passed over', async () => {
  const dir = folder();
  const one = kubeconfig(join(dir, 'one'), 'one', { token: 't1' });
  const two = kubeconfig(join(dir, 'two'), 'two', { token: 't2' });
  const env = { KUBECONFIG: [join(dir, 'missing'), one, two].join(delimiter) };
  expect((await connect({ env })).namespace).toBe('ns-one');
  expect((await connect({ env, context: 'two' })).namespace).toBe('ns-two');
  await expect(connect({ env, context: 'three' })).rejects.toThrow('context "three" names no cluster');
});

test('without a kubeconfig the error says where it was looked for', async () => {
  const home = folder();
  await expect(connect({ env: { HOME: home } })).rejects.toThrow(
    `no kubeconfig at ${join(home, '.kube', 'config')}`,
  );
});

test('a file that is no kubeconfig is named in the error', async () => {
  const file = join(folder(), 'config');
  writeFileSync(file, 'clusters: [');
  await expect(connect({ kubeconfig: file, env: {} })).rejects.toThrow(`${file} is no usable kubeconfig`);
});

test('a pod reads its renewed token within a minute, and keeps its connections', async () => {
  const dir = folder();
  const write = (file: string, text: string): void => writeFileSync(join(dir, file), text);
  for (const [file, text] of Object.entries({ token: 'one\n', 'ca.crt': 'CA', namespace: 'ns' }))
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
    { Authorization: 'Bearer one' },
    { Authorization: 'Bearer two' },
  ]);
  expect(after.dispatcher).toBe(before.dispatcher);
  await connection.close();
});
