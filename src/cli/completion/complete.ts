import type { Completable } from './completion.ts';
import type { ValueKind } from './values.ts';

/** What cobra says, and kubectl understands, of what else may be offered. */
const directives = { files: ':0', nothing: ':4' } as const;

/**
 * What the last of some words may become, as a plugin of kubectl says it: a candidate a line, a tab and what it is, and
 * at the end a line that says whether files may stand there too.
 * @param valuesOf gives what only a cluster or a kubeconfig knows
 */
export async function completed(
  { commands }: Completable,
  words: readonly string[],
  valuesOf: (kind: ValueKind) => Promise<readonly string[]>,
): Promise<string> {
  const current = words.at(-1) ?? '';
  const offer = (
    candidates: readonly (readonly [word: string, description: string])[],
    isComplete = false,
  ) => {
    const matching = candidates.filter(([word]) => word.startsWith(current));
    const lines = matching.map(([word, description]) => (description ? `${word}\t${description}` : word));
    const directive = matching.length > 0 || isComplete ? directives.nothing : directives.files;
    return `${[...lines, directive].join('\n')}\n`;
  };
  const known = async (kind: ValueKind) =>
    offer(
      (await valuesOf(kind)).map((value) => [value, '']),
      true,
    );
  // Flags that say which cluster is meant may stand before the command.
  const command = commands.find(({ name }) => words.slice(0, -1).includes(name));
  const options = command ? command.options : commands.flatMap(({ options: all }) => all);
  const option = options.find(({ flags }) => flags.includes(words.at(-2) ?? ''));
  if (option?.values) return known(option.values);
  if (option?.takesValue) return offer(option.choices.map((choice) => [choice, '']));
  if (!command)
    return words.length < 2 || words[0]?.startsWith('-')
      ? offer(commands.map(({ name, description }) => [name, description]))
      : offer([]);
  if (!current.startsWith('-') && command.takesModels) return known('models');
  if (!current.startsWith('-')) {
    const isChosen = command.choices.some((choice) => words.slice(0, -1).includes(choice));
    return offer(isChosen ? [] : command.choices.map((choice) => [choice, '']));
  }
  return offer(
    command.options.flatMap(({ flags, description }) => flags.map((flag) => [flag, description] as const)),
  );
}
