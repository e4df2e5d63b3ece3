import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Command, Option } from 'commander';
import { describe, expect, it } from 'vitest';
import { completed } from '#cli/completion/complete.ts';
import { completableOf, completionOf, shells } from '#cli/completion/completion.ts';
import { program } from '#cli/program.ts';
import { lines } from './lines.ts';

/** What bash would offer for the last word of a line. */
async function offered(line: string): Promise<string[]> {
  // In place of the program, which would ask a cluster.
  const script = `dormouse() { printf '%s\\n' iris rose "asked-$1" :4; }
${completionOf(program(), 'bash')}
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
    ...lines.map(([line, word]): [string, string[]] => [line, [word]]),
    ['dormouse get -o ', ['wide', 'name', 'json', 'yaml']],
    ['dormouse completion --h', ['--help']],
    ['dormouse completion b', ['bash']],
    ['dormouse status i', ['iris']],
    ['dormouse -n team status r', ['rose']],
    ['dormouse status iris -n asked', ['asked-__complete']],
    // Files, by bash itself.
    ['dormouse render model.y', []],
  ])('%s', async (line, words) => {
    expect(await offered(line)).toEqual(words);
  });

  it('each command', async () => {
    const names = program().commands.map((command) => command.name());
    expect(await offered('dormouse ')).toEqual([
      ...names.filter((name) => name !== '__complete'),
      '--help',
      '--version',
    ]);
  });
});

describe('as a plugin, kubectl is told', () => {
  const answer = (line: string) =>
    completed(completableOf(program()), line.split(' ').slice(1), async (kind) =>
      kind === 'models' ? ['iris', 'rose'] : [`some-${kind}`],
    );

  it.each(lines)('%s', async (line, word) => {
    expect(await answer(line)).toMatch(new RegExp(`^${word}(\t.*)?\n:4\n$`));
  });

  it.each([
    ['dormouse ', /^get\tList .*\n(.*\n)*:4\n$/],
    ['dormouse completion f', /^fish\n:4\n$/],
    ['dormouse status ', /^iris\nrose\n:4\n$/],
    ['dormouse -n team status r', /^rose\n:4\n$/],
    ['dormouse get iris -n ', /^some-namespaces\n:4\n$/],
    ['dormouse --context ', /^some-contexts\n:4\n$/],
    ['dormouse status nosuch', /^:4\n$/],
    // Files, by the shell.
    ['dormouse render model.y', /^:0\n$/],
    ['dormouse render -f model.y', /^:0\n$/],
    ['dormouse unknown --x', /^:0\n$/],
  ])('%s', async (line, expected) => {
    expect(await answer(line)).toMatch(expected);
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

it('there is a script for three shells and for kubectl, and a sentence for others', () => {
  expect(shells).toEqual(['bash', 'zsh', 'fish', 'kubectl']);
  expect(() => completionOf(program(), 'csh')).toThrow('there is no completion for csh: write one of bash');
});
