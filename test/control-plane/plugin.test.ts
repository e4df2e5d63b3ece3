import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { completionOf } from '#cli/completion/completion.ts';
import { program } from '#cli/program.ts';
import { cluster } from '../support/cluster.ts';

const main = join(import.meta.dirname, '../../src/main.ts');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dormouse-plugin-'));
  const script = (name: string, text: string) => writeFile(join(folder, name), text, { mode: 0o755 });
  await script('kubectl-dormouse', `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`);
  await script('kubectl_complete-dormouse', completionOf(program(), 'kubectl'));
});
afterAll(() => rm(folder, { recursive: true }));

/** What kubectl prints, with the plugin on its path. */
async function kubectl(...args: readonly string[]): Promise<string> {
  const env = { PATH: `${folder}${delimiter}${process.env.PATH}`, KUBECONFIG: cluster().kubeconfig };
  const { stdout, stderr } = await promisify(execFile)(cluster().kubectl, args, { env });
  return stdout + stderr;
}

it('kubectl finds the plugin, and hands it its words and its kubeconfig', async () => {
  expect(await kubectl('plugin', 'list')).toContain(join(folder, 'kubectl-dormouse'));
  expect(await kubectl('dormouse', 'get', '-n', 'kube-system')).toBe('no models in namespace kube-system\n');
});

it('kubectl completes it', async () => {
  const offered = (await kubectl('__complete', 'dormouse', 'get', '--all')).split('\n');
  expect(offered).toContain('--all-namespaces\tof all namespaces');
  expect(offered).toContain(':4');
});
