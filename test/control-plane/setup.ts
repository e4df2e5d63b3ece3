import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { type Cluster, down, useCluster } from '../cluster/cluster.ts';
import { run } from '../cluster/exec.ts';
import { gitOpsPrograms } from '../gitops/programs.ts';

const name = 'test-control-plane';
const manifests = join(import.meta.dirname, '../../manifests');

/** A control plane of our own with the CRDs and the operator's rights, for all files of the project. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const log = (line: string): void => console.log(line);
  await gitOpsPrograms();
  const {
    loadImage: _,
    exec: __,
    ...cluster
  }: Cluster = await useCluster({ name, size: 'control-plane', fresh: true, log });
  for (const file of ['crds.yaml', 'install.yaml', 'runtimes.yaml'])
    await run([cluster.kubectl, `--kubeconfig=${cluster.kubeconfig}`, 'apply', '-f', join(manifests, file)]);
  project.provide('cluster', cluster);
  return async () => {
    if (cluster.size !== 'given') await down({ name, fresh: true });
  };
}
