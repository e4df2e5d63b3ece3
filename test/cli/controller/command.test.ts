import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test, vi } from 'vitest';
import { readControllerFlags } from '#cli/controller/command.ts';
import { ConfigError } from '#config/load.ts';

async function fileOf(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dormouse-config-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'config.yaml');
  await writeFile(path, text);
  return path;
}

const problems = async (...args: string[]) => {
  const error = await readControllerFlags(args).catch((reason: unknown) => reason);
  return error instanceof ConfigError ? error.problems : error;
};

test('flags go before the file, and a flag without a value means true', async () => {
  const file = await fileOf('workers: 3\nlogLevel: debug\nleaderElection: { leaderElect: false }');
  const read = await readControllerFlags([
    ...['--config', file, '--workers=5', '--leader-elect'],
    ...['--namespaces', 'a,b', '--namespaces=c', '--context', 'mine'],
  ]);
  expect(read?.cluster).toEqual({ context: 'mine' });
  expect(read?.config).toMatchObject({
    workers: 5,
    logLevel: 'debug',
    namespaces: ['a', 'b', 'c'],
    leaderElection: { leaderElect: true },
  });
});

test.each<[string, string[], string]>([
  ['an unknown flag', ['--wrokers', '5'], "unknown option '--wrokers'\n(Did you mean --workers?)"],
  ['a flag without its value', ['--workers'], "option '--workers <number>' argument missing"],
  ['a word that is no flag', ['extra'], 'too many arguments. Expected 0 arguments but got 1.'],
  [
    'a file that is not there',
    ['--config', '/nowhere.yaml'],
    "--config: cannot read /nowhere.yaml: ENOENT: no such file or directory, open '/nowhere.yaml'",
  ],
])('%s is refused in a sentence', async (_, args, expected) => {
  expect(await problems(...args)).toEqual([expected]);
});

test('the help tells each setting, its default and its key in the file', async () => {
  const output: string[] = [];
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => output.push(String(text)) > 0);
  onTestFinished(() => write.mockRestore());
  expect(await readControllerFlags(['--help'])).toBeUndefined();
  const help = output.join('').replaceAll(/\s+/g, ' ');
  expect(help).toContain('--workers <number> models reconciled at the same time (default: 10) [workers]');
  expect(help).toContain('[leaderElection.leaseDuration]');
});

test('the command ends with exit code 2 and a sentence a mistake, before it looks for a cluster', async () => {
  const main = join(import.meta.dirname, '../../../src/main.ts');
  const args = [main, 'controller', '--workers=x', '--log-level', 'loud', '--kubeconfig', '/nowhere'];
  const failure = await promisify(execFile)(process.execPath, args).catch((error: unknown) => error);
  expect(failure).toMatchObject({
    code: 2,
    stdout: '',
    stderr: [
      'error: --log-level: must be debug, info, warn or error, not "loud"',
      'error: --workers: must be a whole number from 1 to 1000, not "x"',
      '',
    ].join('\n'),
  });
});
