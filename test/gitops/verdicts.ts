import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findOrBuild, type Program } from '../cluster/binaries.ts';
import { progress } from '../cluster/progress.ts';
import { manifests } from '../support/install.ts';

/** What a GitOps tool makes of an object. */
export interface Verdict<Status extends string> {
  readonly status: Status;
  readonly message?: string;
}

/** What both say of one object. */
export interface Verdicts {
  readonly flux: Verdict<'Current' | 'InProgress' | 'Failed' | 'Terminating'>;
  readonly argocd: Verdict<'Healthy' | 'Progressing' | 'Degraded' | 'Suspended' | 'Unknown'>;
}

export const engines = ['kstatus', 'argocd-health'] as const satisfies readonly Program[];

/** The verdicts of Flux's and Argo CD's own code on each object, Argo CD with the settings of manifests/. */
export async function verdictsOn(objects: readonly object[]): Promise<Verdicts[]> {
  const programs = await findOrBuild(engines, progress(console.log));
  const input = objects.map((object) => JSON.stringify(object)).join('\n');
  const [flux, argocd] = await Promise.all([
    answers<Verdicts['flux']>([programs.kstatus], input),
    answers<Verdicts['argocd']>([programs['argocd-health'], join(manifests, 'argocd/argocd-cm.yaml')], input),
  ]);
  if (flux.length !== objects.length || argocd.length !== objects.length)
    throw new Error(`asked about ${objects.length} objects, got ${flux.length} and ${argocd.length} answers`);
  return flux.map((verdict, index) => ({ flux: verdict, argocd: argocd[index] as Verdicts['argocd'] }));
}

/** What a program answers to the lines of its input, line by line. */
async function answers<T>([program = '', ...args]: readonly string[], input: string): Promise<T[]> {
  const running = promisify(execFile)(program, args, { maxBuffer: 64 * 1024 * 1024 });
  running.child.stdin?.end(input);
  const { stdout } = await running;
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

/** Both in a line, such as `Current Healthy`. */
export const brief = ({ flux, argocd }: Verdicts): string => `${flux.status} ${argocd.status}`;
