import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findOrBuild, type Program } from '../cluster/binaries.ts';
import { progress } from '../cluster/progress.ts';

/** Flux's and Argo CD's own code, in programs of ours that ask it. */
const programs = [
  'kstatus',
  'flux-apply',
  'argocd-health',
  'argocd-diff',
] as const satisfies readonly Program[];

/** Their paths. Built where they are missing, which takes minutes: once before the tests, which have less patience. */
export const gitOpsPrograms = () => findOrBuild(programs, progress(console.log));

/**
 * What a program answers to objects, one by one.
 * @throws with what it said where it fails
 */
export async function ask<T>(
  program: (typeof programs)[number],
  objects: readonly object[],
  ...args: readonly string[]
): Promise<T[]> {
  const { [program]: path } = await gitOpsPrograms();
  const running = promisify(execFile)(path, args, { maxBuffer: 64 * 1024 * 1024 });
  running.child.stdin?.end(objects.map((object) => `${JSON.stringify(object)}\n`).join(''));
  const { stdout } = await running;
  const answers = stdout.split('\n').filter(Boolean);
  if (answers.length !== objects.length)
    throw new Error(
      `${program} was asked about ${objects.length} objects and gave ${answers.length} answers`,
    );
  return answers.map((line) => JSON.parse(line));
}
