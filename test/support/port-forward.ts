import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Ingress } from './inference.ts';

/** `kubectl port-forward` to a port of a Service, on a free port of this machine; it ends when disposed of. */
export async function portForward(
  kubectl: readonly string[],
  namespace: string,
  service: string,
  port: number,
  signal?: AbortSignal,
): Promise<Ingress & AsyncDisposable> {
  const [file = '', ...args] = [
    ...kubectl,
    'port-forward',
    '-n',
    namespace,
    `service/${service}`,
    `:${port}`,
  ];
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'], signal });
  child.on('error', () => {});
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill();
    await ended;
  };
  for await (const line of createInterface(child.stdout)) {
    const found = /127\.0\.0\.1:(\d+)/.exec(line)?.[1];
    if (found) return { host: '127.0.0.1', port: Number(found), [Symbol.asyncDispose]: stop };
  }
  await stop();
  throw new Error(`${file} ${args.join(' ')} ended before it forwarded anything`);
}
