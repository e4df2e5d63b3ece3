import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Cluster } from '../cluster/cluster.ts';

/** Shows the lines of `kubectl get imodel NAME --watch` as they come; stops when disposed of, or by `signal`. */
export function watchTable(
  { kubectl, kubeconfig }: Cluster,
  name: string,
  show: (line: string) => void,
  signal: AbortSignal,
): Disposable {
  const args = [`--kubeconfig=${kubeconfig}`, 'get', 'imodel', name, '--watch'];
  const child = spawn(kubectl, args, { stdio: ['ignore', 'pipe', 'inherit'], signal });
  child.on('error', () => {});
  let last = '';
  createInterface(child.stdout).on('line', (line) => {
    // The age changes with each line; only what else changes is worth a line of the demo.
    const content = line.replace(/\S+\s*$/, '');
    if (content !== last) show(line);
    last = content;
  });
  return { [Symbol.dispose]: () => void child.kill() };
}
