import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Cluster } from '../cluster/cluster.ts';

/** What `kubectl` needs to know of a cluster. */
export type Target = Pick<Cluster, 'kubeconfig' | 'kubectl'>;

/** What `kubectl` prints, as the administrator. Rejects with what it said on standard error. */
export async function runKubectl(
  { kubeconfig, kubectl }: Target,
  args: readonly string[],
  input = '',
): Promise<string> {
  const running = promisify(execFile)(kubectl, [`--kubeconfig=${kubeconfig}`, ...args], {
    maxBuffer: 64 * 1024 * 1024,
  });
  running.child.stdin?.end(input);
  const { stdout } = await running;
  return stdout;
}
