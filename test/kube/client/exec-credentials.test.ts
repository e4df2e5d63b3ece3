import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ExecCredentials } from '#kube/client/exec-credentials.ts';
import type { Cluster, ExecConfig } from '#kube/client/kubeconfig.ts';
import { ManualClock } from '../manual-clock.ts';

const apiVersion = 'client.authentication.k8s.io/v1';
const answer = (status: object) => `echo '${JSON.stringify({ apiVersion, kind: 'ExecCredential', status })}'`;

/** Credentials of a plugin that is a shell script; `runs` tells how often it was started. */
function plugin(script: string, config: Partial<ExecConfig> = {}, isTerminal = false) {
  const folder = mkdtempSync(join(tmpdir(), 'exec-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const command = join(folder, 'plugin');
  const runs = join(folder, 'runs');
  writeFileSync(runs, '');
  writeFileSync(command, `#!/bin/sh\necho run >>${runs}\n${script}\n`);
  chmodSync(command, 0o755);
  const clock = new ManualClock();
  const exec = {
    command,
    args: [],
    env: [],
    apiVersion,
    interactiveMode: 'IfAvailable',
    ...config,
  } as ExecConfig;
  const cluster = { server: 'https://api.example', extensions: [] } as unknown as Cluster;
  const credentials = new ExecCredentials(exec, cluster, { env: process.env, clock, isTerminal });
  return { credentials, clock, runs: () => readFileSync(runs, 'utf8').split('\n').length - 1 };
}

test('many requests that wait share one run, and those that follow its answer', async () => {
  const { credentials, runs } = plugin(answer({ token: 'one' }));
  const all = await Promise.all([credentials.get(), credentials.get(), credentials.get()]);
  all.push(await credentials.get());
  expect(new Set(all).size).toBe(1);
  expect(all[0]).toEqual({ headers: { authorization: 'Bearer one' } });
  expect(runs()).toBe(1);
});

test('a credential is asked for anew when it has expired', async () => {
  const { credentials, clock, runs } = plugin(
    answer({ token: 'one', expirationTimestamp: '1970-01-01T00:01:00Z' }),
  );
  await credentials.get();
  clock.advance(60_000);
  await credentials.get();
  expect(runs()).toBe(1);
  clock.advance(1);
  await credentials.get();
  expect(runs()).toBe(2);
});

test('a credential that the server rejected is asked for anew, once for all who had it', async () => {
  const { credentials, runs } = plugin(answer({ token: 'one' }));
  const old = await credentials.get();
  const [first, second] = await Promise.all([credentials.get(old), credentials.get(old)]);
  expect([first === second, first === old, runs()]).toEqual([true, false, 2]);
  expect(await credentials.get(old)).toBe(first);
});

test('a plugin that failed is asked again by the next request', async () => {
  const { credentials, runs } = plugin('exit 3');
  await expect(credentials.get()).rejects.toThrow('failed with exit code 3');
  await expect(credentials.get()).rejects.toThrow('failed with exit code 3');
  expect(runs()).toBe(2);
});

test('a plugin that hangs is ended after a minute', async () => {
  const { credentials, clock, runs } = plugin('exec sleep 60');
  const outcome = expect(credentials.get()).rejects.toThrow('did not end in time');
  while (runs() === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  clock.advance(60_000);
  await outcome;
});

describe('what a plugin can do wrong is said in a sentence, without what it wrote', () => {
  test.each<{ name: string; given: Parameters<typeof plugin>; want: string }>([
    {
      name: 'not there',
      given: ['', { command: 'no-such-plugin', installHint: 'get it \u001b[1mhere' }],
      want: 'the exec plugin "no-such-plugin" of the kubeconfig is not there: get it [1mhere',
    },
    { name: 'no JSON', given: ['echo secret'], want: 'wrote no ExecCredential' },
    { name: 'no status', given: ["echo '{}'"], want: 'wrote no ExecCredential' },
    { name: 'no credential', given: [answer({})], want: 'gave neither a token nor a client certificate' },
    {
      name: 'half a certificate',
      given: [answer({ clientKeyData: 'x' })],
      want: 'gave a client certificate or its key, and not both',
    },
    {
      name: 'another version',
      given: [answer({ token: 'x' }), { apiVersion: 'client.authentication.k8s.io/v1beta1' }],
      want: 'answered in client.authentication.k8s.io/v1, and the kubeconfig names client.authentication.k8s.io/v1beta1',
    },
    {
      name: 'asks where no user is',
      given: [answer({ token: 'x' }), { interactiveMode: 'Always' }],
      want: 'asks the user (interactiveMode Always), and standard input is no terminal',
    },
  ])('$name', async ({ given, want }) => {
    const error = await plugin(...given)
      .credentials.get()
      .then(
        () => expect.fail(),
        (reason: Error) => reason.message,
      );
    expect(error).toContain(want);
    expect(error).not.toContain('secret');
  });
});
