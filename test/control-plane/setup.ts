import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { type Cluster, down, useCluster } from '../cluster/cluster.ts';
import { run } from '../cluster/exec.ts';
import { gitOpsPrograms } from '../gitops/programs.ts';

const manifests = join(import.meta.dirname, '../../manifests');

/** A control plane of our own with the CRDs and the operator's rights, for all files of a project. */
export const controlPlane =
  (name: string) =>
  async (project: TestProject): Promise<() => Promise<void>> => {
    const log = (line: string): void => console.log(line);
    await gitOpsPrograms();
    const {
      loadImage: _,
      exec: __,
      ...cluster
    }: Cluster = await useCluster({ name, size: 'control-plane', fresh: true, log });
    const kubectl = (...args: string[]) =>
      run([cluster.kubectl, `--kubeconfig=${cluster.kubeconfig}`, ...args]);
    for (const file of ['crds.yaml', 'install.yaml', 'runtimes.yaml'])
      await kubectl('apply', '-f', join(manifests, file));
    // It asks again while the API server readies itself for a new kind; tests would not.
    await kubectl('get', 'imodel,iruntime', '--all-namespaces');
    project.provide('cluster', cluster);
    return async () => {
      if (cluster.size !== 'given') await down({ name, fresh: true });
    };
  };

export default controlPlane('test-control-plane');
