import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename } from 'node:path';
import { clusterFolder } from '../cluster/folder.ts';
import { findSandbox } from '../cluster/sandbox.ts';

/** USER_HZ, which Linux shows to programs whatever its own clock. */
const ticksPerSecond = 100;

/** Seconds of a processor that a process has used. */
export async function secondsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return (Number(user) + Number(system)) / ticksPerSecond;
}

/**
 * Seconds of a processor that the programs of a cluster have used, by their names. Unlike the time that passes, it
 * tells little of what else the machine does.
 */
export async function clusterSeconds(cluster: string): Promise<Map<string, number>> {
  const sandbox = await findSandbox(clusterFolder(cluster));
  const namespace = await readlink(`/proc/${sandbox?.pid}/ns/pid`);
  const seconds = new Map<string, number>();
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  for (const pid of pids) {
    try {
      if ((await readlink(`/proc/${pid}/ns/pid`)) !== namespace) continue;
      const program = basename((await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0')[0] ?? '');
      seconds.set(program, (seconds.get(program) ?? 0) + (await secondsOf(pid)));
    } catch {
      // It has ended meanwhile.
    }
  }
  return seconds;
}

/** What came between two readings, in milliseconds for each of `n`. */
export function spent(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>, n: number) {
  const each = [...after].map(
    ([name, seconds]) => [name, ((seconds - (before.get(name) ?? 0)) * 1000) / n] as const,
  );
  return new Map(each.filter(([, ms]) => ms > 0));
}
