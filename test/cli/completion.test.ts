import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Command, Option } from 'commander';
import { describe, expect, it } from 'vitest';
import { completionOf, shells } from '../../src/cli/completion.ts';
import { program } from '../../src/cli/program.ts';

/** What bash would offer for the last word of a line. */
async function offered(line: string): Promise<string[]> {
  const script = `${completionOf(program(), 'bash')}
read -ra COMP_WORDS <<<"$1"
[[ "$1" == *' ' ]] && COMP_WORDS+=('')
COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
_dormouse
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await promisify(execFile)('bash', ['-c', script, 'bash', line]);
  return stdout.split('\n').filter(Boolean);
}

describe('bash completes', () => {
  it.each<[string, string[]]>([
    ['dormouse sta', ['status']],
    ['dormouse get --all', ['--all-namespaces']],
    ['dormouse get -o ', ['json', 'yaml']],
    ['dormouse predict iris --protocol o', ['openai']],
    ['dormouse fetch s3://x ./y --progress l', ['lines']],
    ['dormouse completion --h', ['--help']],
    // Files, by bash itself.
    ['dormouse render model.y', []],
  ])('%s', async (line, words) => {
    expect(await offered(line)).toEqual(words);
  });

  it('each command', async () => {
    expect(await offered('dormouse ')).toEqual([
      ...program().commands.map((command) => command.name()),
      '--help',
      '--version',
    ]);
  });
});

describe('what zsh and fish are told', () => {
  const small = new Command('small');
  small
    .command('go')
    .description("Go, and don't [stop]: now.")
    .option('-f, --file <file>', 'a file')
    .addOption(new Option('--to <where>', 'where').choices(['here', 'there']))
    .option('--fast', 'at once');

  it('zsh: options with their values', () => {
    const script = completionOf(small, 'zsh');
    expect(script).toContain(String.raw`    'go':'Go, and don'\''t \[stop\]\: now.'`);
    expect(script).toContain(String.raw`    go) _arguments \
      '*-f[a file]:value:_files' \
      '*--file[a file]:value:_files' \
      '*--to[where]:value:(here there)' \
      '*--fast[at once]' \
      '*:file:_files' ;;`);
  });

  it('fish: options with their values', () => {
    expect(
      completionOf(small, 'fish'),
    ).toBe(String.raw`complete -c small -n __fish_use_subcommand -f -a go -d 'Go, and don'\''t [stop]: now.'
complete -c small -n '__fish_seen_subcommand_from go' -s f -l file -r -d 'a file'
complete -c small -n '__fish_seen_subcommand_from go' -l to -x -a 'here there' -d 'where'
complete -c small -n '__fish_seen_subcommand_from go' -l fast -d 'at once'
`);
  });
});

it('there is a script for three shells, and a sentence for others', () => {
  expect(shells).toEqual(['bash', 'zsh', 'fish']);
  expect(() => completionOf(program(), 'csh')).toThrow('there is no completion for csh: write one of bash');
});
