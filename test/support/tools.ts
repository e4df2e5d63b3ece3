import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { findOrBuild } from '../cluster/binaries.ts';
import { run } from '../cluster/exec.ts';
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

/** An object of the API as it was written, of which nothing more is known. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

/** The objects of a stream of YAML documents. */
export function objectsOf(text: string): Manifest[] {
  const documents = [...parseAllDocuments(text)].map((document) => document.toJS() as Manifest | null);
  return documents.filter((object) => object !== null);
}

/** What the chart makes of values, given as `key=value` of `helm --set`. */
export async function helmTemplate(
  values: readonly string[] = [],
  { namespace = 'dormouse-system' } = {},
): Promise<Manifest[]> {
  const sets = values.flatMap((value) => ['--set', value]);
  return objectsOf(await runTool('helm', ['template', 'dormouse', chart, '--namespace', namespace, ...sets]));
}
