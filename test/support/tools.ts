import { join } from 'node:path';
import { findOrBuild } from '../cluster/binaries.ts';
import { run } from '../cluster/exec.ts';
import { parseObjects } from '../cluster/knative/manifests.ts';
import type { KubeObject } from '../cluster/knative/render.ts';
import { progress } from '../cluster/progress.ts';

const names = ['helm', 'kubeconform', 'actionlint'] as const;
type Tool = (typeof names)[number];

export const chart = join(import.meta.dirname, '../../charts/dormouse');

let found: ReturnType<typeof findOrBuild> | undefined;

/** Builds the tools that others wrote for what we ship, where the user's cache folder lacks them. */
export function buildTools(log: (line: string) => void = () => {}): ReturnType<typeof findOrBuild> {
  found ??= findOrBuild(names, progress(log));
  return found;
}

/** Runs a tool and gives what it prints. Rejects with what it said on standard error. */
export async function runTool(tool: Tool, args: readonly string[], env = {}): Promise<string> {
  return run([(await buildTools())[tool], ...args], { env });
}

/** What the chart makes of values, given as `key=value` of `helm --set`, or with a list as JSON. */
export async function helmTemplate(
  values: readonly string[] = [],
  { namespace = 'dormouse-system' } = {},
): Promise<KubeObject[]> {
  const sets = values.flatMap((value) => [value.includes('=[') ? '--set-json' : '--set', value]);
  return parseObjects(
    await runTool('helm', ['template', 'dormouse', chart, '--namespace', namespace, ...sets]),
  );
}
