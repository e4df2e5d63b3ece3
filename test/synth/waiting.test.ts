import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serverScript, waitFor } from '#synth/pod/shell.ts';

describe('a server that waits for its model', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'waiting-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const start = (...command: string[]) =>
    spawn('/bin/sh', ['-c', waitFor(join(folder, 'complete')) + serverScript, 'sh', ...command]);

  it('ends when it is asked to, by a trap of its own: the first process of a container is not killed by SIGTERM', async () => {
    const server = start('true');
    await once(server, 'spawn');
    // The shell has run a part of its script.
    await setTimeout(300);
    server.kill('SIGTERM');
    expect(await once(server, 'exit')).toEqual([143, null]);
  });

  it('runs its command once the model is there', async () => {
    await writeFile(join(folder, 'complete'), '');
    const server = start('echo', 'one word', 'two');
    const lines: string[] = [];
    server.stdout.on('data', (data) => lines.push(String(data)));
    const [code] = await once(server, 'close');
    expect({ code, lines }).toEqual({ code: 1, lines: ['one word two\n'] });
  });
});

describe('a server in a shell', () => {
  const start = (script: string) =>
    spawn('/bin/sh', ['-c', serverScript, 'sh', '/bin/sh', '-c', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });

  it.each([
    { name: 'as it ends', script: 'exit 7', want: [7, null] },
    { name: 'with 1 where it ends well and was not asked to', script: 'exit 0', want: [1, null] },
    { name: 'as a process that a signal killed', script: 'kill -KILL $$', want: [137, null] },
  ])('ends $name', async ({ script, want }) => {
    expect(await once(start(script), 'exit')).toEqual(want);
  });

  it('is told to end, may finish what it does, and then has ended well', async () => {
    const server = start(
      "trap 'sleep 0.3; exit 0' TERM; sleep 0.3; echo ready; while :; do sleep 0.05; done",
    );
    await once(server.stdout, 'data');
    server.kill('SIGTERM');
    expect(await once(server, 'exit')).toEqual([0, null]);
  });
});
