import { mkdir, readdir, readFile, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from './wait.ts';

/** The cgroup, in every hierarchy, that a cluster's pods are put below. */
export const cgroupOf = (cluster: string): string => `dormouse-${cluster}`;

export async function createCgroup(name: string): Promise<void> {
  for (const root of await hierarchies()) await mkdir(join(root, name), { recursive: true });
}

/** Removes the cgroup with everything below it. Its processes must have been ended. */
export async function removeCgroup(name: string): Promise<void> {
  for (const root of await hierarchies()) {
    // An ended process may stay in its cgroup for a moment: EBUSY.
    await until(`${join(root, name)} to be empty`, () => remove(join(root, name)), { seconds: 20 });
  }
}

/** The mounted cgroup file systems: one for version 2, one for each controller of version 1. */
async function hierarchies(): Promise<string[]> {
  const lines = (await readFile('/proc/mounts', 'utf8')).split('\n').map((line) => line.split(' '));
  return lines.filter(([, , type]) => type === 'cgroup' || type === 'cgroup2').map(([, path]) => path ?? '');
}

async function remove(path: string): Promise<boolean> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await remove(join(path, entry.name));
  return rmdir(path).then(
    () => true,
    (error) => error.code === 'ENOENT',
  );
}
