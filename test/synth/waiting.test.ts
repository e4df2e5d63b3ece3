import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitingScript } from '#synth/pod/fetcher.ts';

describe('a server that waits for its model', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'waiting-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const start = (...command: string[]) =>
    spawn('/bin/sh', ['-c', waitingScript(join(folder, 'complete')), 'sh', ...command]);

  it('ends when it is asked to, by a trap of its own: the first process of a container is not killed by SIGTERM', async () => {
    const server = start('true');
    await once(server, 'spawn');
    // The shell has run a part of its script.
    await setTimeout(300);
    server.kill('SIGTERM');
    expect(await once(server, 'exit')).toEqual([143, null]);
  });

  it('becomes its command once the model is there', async () => {
    await writeFile(join(folder, 'complete'), '');
    const server = start('echo', 'one word', 'two');
    const lines: string[] = [];
    server.stdout.on('data', (data) => lines.push(String(data)));
    const [code] = await once(server, 'close');
    expect({ code, lines }).toEqual({ code: 0, lines: ['one word two\n'] });
  });
});
