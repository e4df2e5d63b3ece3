import type { Command, Option } from 'commander';
import { PlainError } from '../action.ts';

/** What can be completed of a program: plain data, of which each shell gets its own script. */
export interface Completable {
  readonly name: string;
  readonly commands: readonly Subcommand[];
}

interface Subcommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly Completion[];
  /** What its arguments may be, where they have few values. */
  readonly choices: readonly string[];
}

interface Completion {
  readonly flags: readonly string[];
  readonly description: string;
  readonly choices: readonly string[];
  /** Whether a value follows. */
  readonly takesValue: boolean;
}

const scripts: Readonly<Record<string, (program: Completable) => string>> = { bash, zsh, fish, kubectl };
export const shells = Object.keys(scripts);

/**
 * The script that completes a program in a shell, or as a plugin of kubectl: its commands, their options, and the values of options that have
 * few. Where nothing of these fits, files.
 *
 * @throws PlainError for a shell that is not known
 */
export function completionOf(program: Command, shell: string): string {
  const script = scripts[shell];
  if (!script) throw new PlainError(`there is no completion for ${shell}: write one of ${shells.join(', ')}`);
  return script(completableOf(program));
}

/** What can be completed of a program, but for what it hides. */
export const completableOf = (program: Command): Completable => ({
  name: program.name(),
  commands: program
    .createHelp()
    .visibleCommands(program)
    .filter((command) => program.commands.includes(command))
    .map((command) => ({
      name: command.name(),
      description: command.description(),
      options: command.options.map(optionOf),
      choices: command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices),
    })),
});

const optionOf = ({ short, long, description, argChoices = [], required, optional }: Option): Completion => ({
  flags: [short, long].filter((flag) => flag !== undefined),
  description,
  choices: argChoices,
  takesValue: required || optional,
});

const flagsOf = ({ options }: Subcommand) => [...options.flatMap(({ flags }) => flags), '--help'];

function bash({ name, commands }: Completable): string {
  const cases = commands.map((command) => {
    const values = command.options
      .filter(({ choices }) => choices.length > 0)
      .map(({ flags, choices }) => `      ${flags.join('|')}) words='${choices.join(' ')}' ;;\n`);
    return `  ${command.name})
    words='${flagsOf(command).join(' ')}'
    case "$previous" in
${values.join('')}    esac ;;
`;
  });
  return `_${name}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD - 1]}" words=''
  if [ "$COMP_CWORD" -eq 1 ]; then
    words='${commands.map((command) => command.name).join(' ')} --help --version'
  else
    case "\${COMP_WORDS[1]}" in
${cases.join('')}    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _${name} ${name}
`;
}

function zsh({ name, commands }: Completable): string {
  const described = (text: string) => quoted(text.replaceAll(/[[\]:]/g, '\\$&'));
  const cases = commands.map((command) => {
    const options = command.options.flatMap(({ flags, description, choices, takesValue }) =>
      flags.map((flag) => {
        const values =
          choices.length > 0 ? `:value:(${choices.join(' ')})` : takesValue ? ':value:_files' : '';
        return `      ${quoted(`*${flag}[${description.replaceAll(/[[\]:]/g, '\\$&')}]${values}`)} \\\n`;
      }),
    );
    return `    ${command.name}) _arguments \\\n${options.join('')}      '*:file:_files' ;;\n`;
  });
  return `#compdef ${name}
_${name}() {
  local -a commands=(
${commands.map((command) => `    ${quoted(command.name)}:${described(command.description)}\n`).join('')}  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  shift words
  (( CURRENT-- ))
  case "$words[1]" in
${cases.join('')}  esac
}
compdef _${name} ${name}
`;
}

function fish({ name, commands }: Completable): string {
  const lines = commands.flatMap((command) => [
    `complete -c ${name} -n __fish_use_subcommand -f -a ${command.name} -d ${quoted(command.description)}`,
    ...command.options.map(({ flags, description, choices, takesValue }) =>
      [
        `complete -c ${name} -n '__fish_seen_subcommand_from ${command.name}'`,
        ...flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`)),
        ...(choices.length > 0 ? [`-x -a '${choices.join(' ')}'`] : takesValue ? ['-r'] : []),
        `-d ${quoted(description)}`,
      ].join(' '),
    ),
  ]);
  return `${lines.join('\n')}\n`;
}

/** Not a shell: a plugin of kubectl is completed by a program of this name beside it, `kubectl_complete-dormouse`. */
function kubectl({ name }: Completable): string {
  return `#!/bin/sh
exec kubectl-${name} __complete "$@"
`;
}

/** In single quotes, as all three shells read them. */
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
