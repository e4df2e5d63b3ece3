import type { Command, Option } from 'commander';
import { PlainError } from '../action.ts';
import type { ValueKind } from './values.ts';

/** What can be completed of a program: plain data, of which each shell gets its own script. */
export interface Completable {
  readonly name: string;
  readonly commands: readonly Subcommand[];
}

interface Subcommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly Completion[];
  /** The commands below it, or what its arguments may be, where they have few values. */
  readonly choices: readonly string[];
  /** Whether its arguments are names of models. */
  readonly takesModels: boolean;
}

interface Completion {
  readonly flags: readonly string[];
  readonly description: string;
  readonly choices: readonly string[];
  /** Whether a value follows. */
  readonly takesValue: boolean;
  /** What only the cluster or the kubeconfig knows: the shell asks the program for it. */
  readonly values?: ValueKind | undefined;
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
      options: optionsOf(command).map(optionOf),
      choices: [
        ...command.commands.map((below) => below.name()),
        ...command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices),
      ],
      takesModels: command.registeredArguments.some((argument) => argument.name() === 'name'),
    })),
});

/** Those of a command and of the commands below it, each once. */
const optionsOf = ({ commands, options }: Command): readonly Option[] => {
  const all = [...options, ...commands.flatMap(optionsOf)];
  return all.filter(({ long }, index) => all.findIndex((each) => each.long === long) === index);
};

const optionOf = ({ short, long, description, argChoices = [], required, optional }: Option): Completion => ({
  flags: [short, long].filter((flag) => flag !== undefined),
  description,
  choices: argChoices,
  takesValue: required || optional,
  values: long ? valueKinds[long] : undefined,
});

const valueKinds: Readonly<Record<string, ValueKind>> = {
  '--namespace': 'namespaces',
  '--context': 'contexts',
};

const flagsOf = ({ options }: Subcommand) => [...options.flatMap(({ flags }) => flags), '--help'];

/** What a shell calls for values that only the cluster or the kubeconfig knows; the last line is for kubectl. */
const ask = (name: string, words: string) =>
  `${name} __complete ${words} 2>/dev/null | sed -e '/^:/d' -e 's/\t.*//'`;

function bash({ name, commands }: Completable): string {
  const asked = `words="$(${ask(name, `"\${COMP_WORDS[@]:1:COMP_CWORD}"`)})"`;
  const branch = (flags: readonly string[], act: string) =>
    flags.length > 0 ? `      ${[...new Set(flags)].join('|')}) ${act} ;;\n` : '';
  const flagsIn = (options: readonly Completion[]) => options.flatMap(({ flags }) => flags);
  const cases = commands.map((command) => {
    const { options, takesModels } = command;
    const values = [
      ...options
        .filter(({ choices }) => choices.length > 0)
        .map(({ flags, choices }) => branch(flags, `words='${choices.join(' ')}'`)),
      branch(flagsIn(options.filter((option) => option.values)), asked),
      branch(
        flagsIn(
          options.filter((option) => option.takesValue && !option.values && option.choices.length === 0),
        ),
        "words=''",
      ),
      takesModels ? `      *) [[ "$current" == -* ]] || ${asked} ;;\n` : '',
    ];
    return `  ${command.name})
    words='${[...command.choices, ...flagsOf(command)].join(' ')}'
    case "$previous" in
${values.join('')}    esac ;;
`;
  });
  const names = commands.map((command) => command.name);
  const anywhere = flagsIn(commands.flatMap(({ options }) => options.filter(({ values }) => values)));
  return `_${name}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD - 1]}" words='' command='' word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD - 1}"; do
    case "$word" in ${names.join('|')}) command="$word"; break ;; esac
  done
  case "$command" in
  '')
    words='${names.join(' ')} --help --version'
    case "$previous" in
${branch(anywhere, asked)}    esac ;;
${cases.join('')}  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _${name} ${name}
`;
}

function zsh({ name, commands }: Completable): string {
  const described = (text: string) => quoted(text.replaceAll(/[[\]:]/g, '\\$&'));
  const cases = commands.map((command) => {
    const options = command.options.flatMap(({ flags, description, choices, takesValue, values }) =>
      flags.map((flag) => {
        const dynamic = values && `:value:_${name}_values`;
        const fixed =
          choices.length > 0 ? `:value:(${choices.join(' ')})` : takesValue ? ':value:_files' : '';
        return `      ${quoted(`*${flag}[${description.replaceAll(/[[\]:]/g, '\\$&')}]${dynamic ?? fixed}`)} \\\n`;
      }),
    );
    const rest = command.takesModels
      ? `*:model:_${name}_values`
      : command.choices.length > 0
        ? `*:value:(${command.choices.join(' ')})`
        : '*:file:_files';
    return `    ${command.name}) _arguments \\\n${options.join('')}      '${rest}' ;;\n`;
  });
  return `#compdef ${name}
_${name}_values() {
  compadd -- $(${ask(name, `"\${words[@]:0:$CURRENT}"`)})
}
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
    ...(command.takesModels || command.choices.length > 0
      ? [
          `complete -c ${name} -n '__fish_seen_subcommand_from ${command.name}' -f -a ${command.takesModels ? fishAsk(name) : quoted(command.choices.join(' '))}`,
        ]
      : []),
    ...command.options.map(({ flags, description, choices, takesValue, values }) =>
      [
        `complete -c ${name} -n '__fish_seen_subcommand_from ${command.name}'`,
        ...flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`)),
        ...(values
          ? [`-x -a ${fishAsk(name)}`]
          : choices.length > 0
            ? [`-x -a '${choices.join(' ')}'`]
            : takesValue
              ? ['-r']
              : []),
        `-d ${quoted(description)}`,
      ].join(' '),
    ),
  ]);
  return `${lines.join('\n')}\n`;
}

const fishAsk = (name: string) =>
  `'(${name} __complete (commandline -opc)[2..] "$(commandline -ct)" 2>/dev/null | string match -v ":*")'`;

/** Not a shell: a plugin of kubectl is completed by a program of this name beside it, `kubectl_complete-dormouse`. */
function kubectl({ name }: Completable): string {
  return `#!/bin/sh
exec kubectl-${name} __complete "$@"
`;
}

/** In single quotes, as all three shells read them. */
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
