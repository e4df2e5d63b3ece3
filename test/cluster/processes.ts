import { readFile } from 'node:fs/promises';
import { until } from './wait.ts';

/** A process told apart from a later one with the same number by its start time and the boot of the machine. */
export type Identity = { readonly pid: number; readonly start: string; readonly boot: string };

/**
 * Reads a pid file: the process's line of /proc/PID/stat and, on a second line, the machine's boot id.
 * Gives undefined for anything else.
 */
export function parsePidFile(text: string): Identity | undefined {
  const [stat = '', boot = ''] = text.split('\n');
  const process = parseStat(stat);
  return process && boot ? { pid: process.pid, start: process.start, boot } : undefined;
}

/**
 * The fields pid (1), state (3), num_threads (20) and starttime (22) of proc(5)'s stat; the second may contain blanks
 * and brackets.
 */
export function parseStat(line: string): Stat | undefined {
  const match = /^(\d+) \(.*\) (.*)$/s.exec(line);
  const fields = match?.[2]?.trim().split(' ') ?? [];
  const [state, threads, start] = [fields[0], fields[17], fields[19]];
  return match && state && start
    ? { pid: Number(match[1]), state, threads: Number(threads), start }
    : undefined;
}

type Stat = {
  readonly pid: number;
  readonly state: string;
  readonly threads: number;
  readonly start: string;
};

/** The process that a pid file names, if it is the one that wrote it and has not ended. */
export async function findProcess(pidFile: string): Promise<Identity | undefined> {
  const identity = parsePidFile(await readFile(pidFile, 'utf8').catch(() => ''));
  return identity && (await isAlive(identity)) ? identity : undefined;
}

/** Kills the process at once and waits for its end. */
export async function killProcess(identity: Identity): Promise<void> {
  if (await isAlive(identity)) process.kill(identity.pid, 'SIGKILL');
  await until(`process ${identity.pid} to end`, async () => !(await isAlive(identity)), { seconds: 30 });
}

// A process that has ended may stay for a while as a zombie, until its parent asks how it went. A zombie with more than
// one thread has not ended: only its first thread has.
async function isAlive({ pid, start, boot }: Identity): Promise<boolean> {
  const now = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  const found = parseStat(await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''));
  if (now !== boot || found?.start !== start) return false;
  return found.threads > 1 || !['Z', 'X'].includes(found.state);
}
