import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandFirst, program } from '#cli/program.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { run } from './run.ts';

it.each([
  { given: '-n team get', want: 'get -n team' },
  { given: '--namespace=team get iris', want: 'get --namespace=team iris' },
  { given: '--context a -n team status iris --wait', want: 'status --context a -n team iris --wait' },
  { given: 'get -n team', want: 'get -n team' },
  { given: '-v', want: '-v' },
  { given: '--help', want: '--help' },
  { given: '-n team cache prune /mnt', want: 'cache prune -n team /mnt' },
  { given: '-n team', want: '-n team' },
  { given: '', want: '' },
])('flags before the command go behind it: "$given"', ({ given, want }) => {
  expect(commandFirst(program(), given.split(' ').filter(Boolean)).join(' ')).toBe(want);
});

it.each([
  { given: ['list'], want: `error: unknown command 'list': write "dormouse get"` },
  { given: ['frobnicate'], want: "error: unknown command 'frobnicate'\n" },
])('a command of another tool is answered with ours: $given', async ({ given, want }) => {
  const { code, stderr } = await run(given);
  expect(code).toBe(1);
  expect(stderr).toContain(want);
});

describe('each command', () => {
  const commands = program().commands.filter((command) => !/^(__complete|controller)$/.test(command.name()));
  const names = commands.flatMap((command) => [
    command.name(),
    ...command.commands.map((below) => `${command.name()} ${below.name()}`),
  ]);

  it.each(names)('%s shows examples in its help', async (name) => {
    const { stdout } = await run([...name.split(' '), '--help']);
    expect(stdout).toMatch(/\nExamples:\n {2}\S/);
  });
});

it('-v and --version print the version', async () => {
  for (const flag of ['-v', '--version'])
    expect(await run([flag])).toMatchObject({ stdout: `${packageJson.version}\n` });
});

it('main.ts asks for the Node.js that package.json names, and imports nothing before it has', () => {
  const text = readFileSync(join(import.meta.dirname, '../../src/main.ts'), 'utf8');
  const [, version] = /^>=(.*)$/.exec(packageJson.engines.node) ?? [];
  expect(text).toContain(`needs Node.js ${version} or newer`);
  const [major, minor] = version?.split('.') ?? [];
  expect(text).toContain(`major < ${major} || (major === ${major} && minor < ${minor})`);
  expect(text).not.toMatch(/^import /m);
});
