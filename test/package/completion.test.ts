import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { completionOf } from '#cli/completion/completion.ts';
import { program } from '#cli/program.ts';
import { lines } from '../cli/completion/lines.ts';

describe('fish completes', () => {
  it.each(lines)('%s', async (line, word) => {
    const source = `${completionOf(program(), 'fish')}\ncomplete -C $argv[1]`;
    const { stdout } = await promisify(execFile)('fish', ['--no-config', '-c', source, line]);
    expect(stdout.split('\n')[0]?.split('\t')[0]).toBe(word);
  });
});

/** Types a line and a tab into a shell of its own, and prints what has become of the line. */
const typeIntoZsh = `
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "autoload -Uz compinit && compinit -u -D && source $1/script"
zpty -w shell "report() { print -r -- \\$BUFFER > $1/line; exit }; zle -N report; bindkey '^X' report"
zpty -w -n shell "$2"$'\\t\\x18'
while zpty -t shell; do zpty -r shell line; done
cat $1/line
`;

describe('zsh completes', { timeout: 60_000 }, () => {
  it.each(lines)('%s', async (line, word) => {
    const folder = await mkdtemp(join(tmpdir(), 'dormouse-zsh-'));
    try {
      await writeFile(join(folder, 'script'), completionOf(program(), 'zsh'));
      const { stdout } = await promisify(execFile)('zsh', ['-f', '-c', typeIntoZsh, 'zsh', folder, line], {
        timeout: 50_000,
      });
      expect(stdout.trimEnd()).toBe(line.replace(/\S+$/, word));
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
