import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { program } from '#cli/program.ts';
import { serve } from '../kube/http-server.ts';

export interface Run {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/** What `dormouse` prints, and how it ends. */
export async function run(args: readonly string[]): Promise<Run> {
  const texts = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      texts[stream] += text;
      return true;
    }),
  );
  const exited = new Error('it has ended');
  const exit = vi.spyOn(process, 'exit').mockImplementation((code = process.exitCode) => {
    process.exitCode = code;
    throw exited;
  });
  const before = process.exitCode;
  const listening = listeners();
  try {
    await program()
      .parseAsync([...args], { from: 'user' })
      .catch((error) => {
        if (error !== exited) throw error;
      });
    return { code: process.exitCode, ...texts };
  } finally {
    process.exitCode = before;
    for (const spy of [...spies, exit]) spy.mockRestore();
    // A process would end here, and with it what listens to its signals.
    for (const { signal, listener } of listeners())
      if (!listening.some((each) => each.listener === listener)) process.off(signal, listener);
  }
}

const listeners = () =>
  (['SIGINT', 'SIGTERM'] as const).flatMap((signal) =>
    process.rawListeners(signal).map((listener) => ({ signal, listener: listener as () => void })),
  );

/** A file that goes with the test. */
export async function scratch(name: string, text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dormouse-cli-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

/** A kubeconfig for a server that tells its version, and leaves all else to the handler. */
export async function kubeconfigOf(handler: Parameters<typeof serve>[0]): Promise<string> {
  const { url: server } = await serve((request, response) => {
    if (request.url !== '/version') return handler(request, response);
    response.end(JSON.stringify({ gitVersion: 'v1.34.1' }));
  });
  const config = {
    'current-context': 'one',
    clusters: [{ name: 'one', cluster: { server, 'insecure-skip-tls-verify': true } }],
    contexts: [{ name: 'one', context: { cluster: 'one', user: 'one' } }],
    users: [{ name: 'one', user: { token: 'secret' } }],
  };
  return scratch('kubeconfig', JSON.stringify(config));
}
