import { createHash } from 'node:crypto';
import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './exec.ts';

/** Go modules of ours; their go.mod files pin every version. */
const folders = {
  kubernetes: 'go/kubernetes',
  knative: 'go/knative',
  addons: 'go/addons',
  storage: 'go/storage',
  registry: 'go/registry',
  tools: '../tools',
  s5cmd: '../bench/go/s5cmd',
  kserve: '../kserve/go',
  operator: 'go/operator',
  flux: '../gitops/go/flux',
  argocd: '../gitops/go/argocd',
} as const;

export type GoModule = keyof typeof folders;

/** Other versions than usual, e.g. `1.37`: folders beside the usual ones, as `npm run test:matrix` asks for them. */
const variants: Partial<Record<GoModule, string | undefined>> = {
  kubernetes: process.env.DORMOUSE_TEST_KUBERNETES,
  knative: process.env.DORMOUSE_TEST_KNATIVE,
};

export function moduleFolder(module: GoModule): string {
  const variant = variants[module];
  return join(import.meta.dirname, variant ? `${folders[module]}-${variant}` : folders[module]);
}

/** The version that a module requires of another, e.g. `v1.34.4`. */
export async function requiredVersion(module: GoModule, path: string): Promise<string> {
  const text = await readFile(join(moduleFolder(module), 'go.mod'), 'utf8');
  const line = text.split('\n').find((line) =>
    line
      .trim()
      .replace(/^require /, '')
      .startsWith(`${path} v`),
  );
  const version = line?.match(/ (v\S+)/)?.[1];
  if (!version) throw new Error(`${moduleFolder(module)}/go.mod does not require ${path}.`);
  return version;
}

/** The oldest Go that can build a module, e.g. `1.26.8`. */
export async function requiredGo(module: GoModule): Promise<string> {
  const text = await readFile(join(moduleFolder(module), 'go.mod'), 'utf8');
  return /^go (\S+)$/m.exec(text)?.[1] ?? '';
}

/** Changes with whatever goes into the module's programs: its sources, all versions, Go itself, the flags. */
export async function moduleKey(module: GoModule, flags: readonly string[]): Promise<string> {
  const folder = moduleFolder(module);
  const hash = createHash('sha256').update(JSON.stringify([module, flags]));
  hash.update(await run(['go', 'env', 'GOVERSION', 'GOOS', 'GOARCH'], { cwd: folder }));
  const files = globSync('**/{go.mod,go.sum,*.go}', { cwd: folder }).sort();
  for (const file of files) hash.update(`\n${file}\n`).update(await readFile(join(folder, file)));
  return hash.digest('hex').slice(0, 16);
}

/** The folders in the Go module cache of some modules that `module` requires; fetched when missing. */
export async function sourceFolders<Path extends string>(
  module: GoModule,
  paths: readonly Path[],
  signal?: AbortSignal,
): Promise<Record<Path, string>> {
  const output = await run(['go', 'mod', 'download', '-json', ...paths], {
    cwd: moduleFolder(module),
    signal,
  });
  const found = JSON.parse(`[${output.replaceAll(/^\}\n\{$/gm, '},{')}]`) as { Path: Path; Dir: string }[];
  return Object.fromEntries(found.map(({ Path, Dir }) => [Path, Dir])) as Record<Path, string>;
}
