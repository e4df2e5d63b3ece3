import type { Completable } from './completion.ts';

/** What cobra says, and kubectl understands, of what else may be offered. */
const directives = { files: ':0', nothing: ':4' } as const;

/**
 * What the last of some words may become, as a plugin of kubectl tells it: a candidate a line, a tab and what it is, and
 * at the end a line that says whether files may stand there too.
 */
export function completed({ commands }: Completable, words: readonly string[]): string {
  const current = words.at(-1) ?? '';
  const offer = (candidates: readonly (readonly [word: string, description: string])[]) => {
    const fitting = candidates.filter(([word]) => word.startsWith(current));
    const lines = fitting.map(([word, description]) => (description ? `${word}\t${description}` : word));
    return `${[...lines, fitting.length > 0 ? directives.nothing : directives.files].join('\n')}\n`;
  };
  if (words.length < 2) return offer(commands.map(({ name, description }) => [name, description]));
  const command = commands.find(({ name }) => name === words[0]);
  const option = command?.options.find(({ flags }) => flags.includes(words.at(-2) ?? ''));
  if (!command) return offer([]);
  if (option?.takesValue) return offer(option.choices.map((choice) => [choice, '']));
  if (!current.startsWith('-')) return offer(command.choices.map((choice) => [choice, '']));
  return offer(
    command.options.flatMap(({ flags, description }) => flags.map((flag) => [flag, description] as const)),
  );
}
