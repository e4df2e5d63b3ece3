import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';

/** What a run of a program, and of all that it started, took. */
export interface Cost {
  readonly seconds: number;
  /** Of all cores. */
  readonly cpuSeconds: number;
  /** The most memory that one of its processes had, in MiB. */
  readonly peakMiB: number;
}

/** The clock of /proc, see sysconf(3): 100 on every Linux of today. */
const ticksPerSecond = 100;

/** Runs a program to its end. What it used is read while it runs, so the last hundredth of a second is left out. */
export async function measure(
  [command = '', ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Cost> {
  const began = performance.now();
  const child = spawn(command, args, {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said = text(child.stderr);
  const ended = once(child, 'exit').then(([code]) => ({ code, seconds: (performance.now() - began) / 1000 }));
  let running = true;
  void ended.finally(() => {
    running = false;
  });
  let peakMiB = 0;
  const cpu = new Map<string, number>();
  while (running) {
    for (const pid of await familyOf(String(child.pid))) {
      peakMiB = Math.max(
        peakMiB,
        Number(/^VmHWM:\s+(\d+)/m.exec(await ofProcess(pid, 'status'))?.[1] ?? 0) / 1024,
      );
      // The name of a program may hold spaces and parentheses; utime and stime are fields 14 and 15 (proc(5)).
      const fields = (await ofProcess(pid, 'stat')).replace(/^.*\) /s, '').split(' ');
      if (fields.length > 12) cpu.set(pid, (Number(fields[11]) + Number(fields[12])) / ticksPerSecond);
    }
    await pause(10);
  }
  const { code, seconds } = await ended;
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${(await said).slice(-1000)}`);
  return { seconds, cpuSeconds: [...cpu.values()].reduce((sum, part) => sum + part, 0), peakMiB };
}

const ofProcess = (pid: string, file: string): Promise<string> =>
  readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');

/** A process and all that it has started. */
async function familyOf(pid: string): Promise<string[]> {
  const tasks = await readdir(`/proc/${pid}/task`).catch(() => []);
  const children = await Promise.all(tasks.map((task) => ofProcess(pid, `task/${task}/children`)));
  const families = children.flatMap((line) => line.split(' ').filter(Boolean)).map(familyOf);
  return [pid, ...(await Promise.all(families)).flat()];
}
