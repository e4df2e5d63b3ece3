import { access, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { clusterFolder, type Folder } from './folder.ts';
import {
  type Component,
  componentFolder,
  execute,
  exitFolder,
  findSandbox,
  type Sandbox,
  startComponent,
} from './sandbox.ts';
import { until } from './wait.ts';

/** What can fail by itself while the rest of a cluster goes on. */
export type Failing = 'etcd' | 'kube-apiserver' | 'kube-controller-manager';

/** Ends a component of a running local cluster with SIGKILL, and waits for its end. */
export async function killComponent(cluster: string, name: Failing): Promise<void> {
  const sandbox = await sandboxOf(cluster);
  const { folder } = sandbox;
  // A process that ended leaves a note before its number can be another's.
  if (await hasEnded(folder, name)) throw new Error(`${name} of cluster "${cluster}" does not run.`);
  const pid = (await readFile(join(componentFolder(folder), `${name}.pid`), 'utf8')).trim();
  await execute(sandbox, ['kill', '-KILL', pid]);
  await until(`${name} to end`, () => hasEnded(folder, name), { seconds: 30 });
}

/** Starts a component that was killed once more, as it was started before. It may take seconds until it answers. */
export async function restartComponent(cluster: string, name: Failing): Promise<void> {
  const sandbox = await sandboxOf(cluster);
  const file = join(componentFolder(sandbox.folder), `${name}.json`);
  const component: Component = JSON.parse(await readFile(file, 'utf8'));
  await rm(join(exitFolder(sandbox.folder), name), { force: true });
  await startComponent(sandbox, component);
}

async function sandboxOf(cluster: string): Promise<Sandbox> {
  const sandbox = await findSandbox(clusterFolder(cluster));
  if (!sandbox) throw new Error(`Cluster "${cluster}" is down.`);
  return sandbox;
}

function hasEnded(folder: Folder, name: string): Promise<boolean> {
  return access(join(exitFolder(folder), name)).then(
    () => true,
    () => false,
  );
}
