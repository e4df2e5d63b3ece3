import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { type Cluster, down, useCluster } from '../cluster/cluster.ts';
import { run } from '../cluster/exec.ts';

const manifests = join(import.meta.dirname, '../../manifests');

/** A control plane of our own with the CRDs and the operator's rights, for all files of a project. */
export const controlPlane =
  (name: string) =>
  async (project: TestProject): Promise<() => Promise<void>> => {
    const log = (line: string): void => console.log(line);
    const {
      loadImage: _,
      exec: __,
      ...cluster
    }: Cluster = await useCluster({ name, size: 'control-plane', fresh: true, log });
    for (const file of ['crds.yaml', 'install.yaml', 'runtimes.yaml'])
      await run([
        cluster.kubectl,
        `--kubeconfig=${cluster.kubeconfig}`,
        'apply',
        '-f',
        join(manifests, file),
      ]);
    project.provide('cluster', cluster);
    return async () => {
      if (cluster.size !== 'given') await down({ name, fresh: true });
    };
  };

export default controlPlane('test-control-plane');
