import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { irisYaml } from '../../support/rendered.ts';

const main = join(import.meta.dirname, '../../../src/main.ts');

/** Runs `dormouse` with this on its standard input, beside a file with another model of the same name. */
async function run(args: readonly string[], input: string, env: object = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'dormouse-diff-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'old.yaml'), irisYaml);
  const { NO_COLOR: _, FORCE_COLOR: __, ...inherited } = process.env;
  const options = { input, encoding: 'utf8', cwd: folder, env: { ...inherited, ...env } } as const;
  return spawnSync(process.execPath, [main, ...args], options);
}

// Each starts a program, on machines that may have much else to do.
describe('dormouse diff', { timeout: 60_000 }, () => {
  const against = ['diff', '-f', '-', '--against', 'old.yaml'];

  it.each<[number, string, string[], string]>([
    [0, 'nothing differs', against, irisYaml],
    [1, 'something differs', against, irisYaml.replace('iris:1', 'iris:2')],
    [2, 'something is refused', against, irisYaml.replace('registry', ' ')],
    [2, 'a file is not there', ['diff', '-f', 'missing.yaml', '--against', 'old.yaml'], ''],
    [2, 'there is no cluster', ['diff', '-f', '-', '--kubeconfig', 'missing'], irisYaml],
    [2, 'both sides are standard input', ['diff', '-f', '-', '--against', '-'], irisYaml],
    [2, 'a flag is wrong', ['diff', '--no-such-flag'], ''],
  ])('ends with %i where %s', async (code, _, args, input) => {
    const { status, stdout, stderr } = await run(args, input);
    expect(status).toBe(code);
    expect(stderr).not.toContain('    at ');
    if (code < 2) expect(stdout).toContain(code === 0 ? 'models: 1 unchanged' : 'another revision');
  });

  it.each<[string, object, boolean]>([
    ['has no colours in a pipe', {}, false],
    ['has them where they are forced', { FORCE_COLOR: '1' }, true],
    ['has none where nobody wants any', { NO_COLOR: '1' }, false],
  ])('%s', async (_, env, coloured) => {
    expect((await run(against, irisYaml, env)).stdout.includes('\u001B')).toBe(coloured);
  });
});

it('dormouse render reads a stream and prints one: data on standard output, log on standard error', {
  timeout: 60_000,
}, async () => {
  const { status, stdout, stderr } = await run(
    ['render', '-f', '-'],
    `kind: Secret\napiVersion: v1\n---\n${irisYaml}`,
  );
  expect(status).toBe(0);
  expect(stdout).toMatch(/^kind: Secret\napiVersion: v1\n---\napiVersion: serving\.knative\.dev\/v1\n/);
  expect(stderr).toMatch(/^rendered for Knative as it is shipped: [^\n]*\n$/);
});
