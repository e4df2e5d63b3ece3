import { once } from 'node:events';
import { styleText } from 'node:util';
import type { Style } from '#plan/text.ts';
import type { Screen } from './output.ts';

export type Log = (line: string) => void;

/** A line to standard error. */
export const log: Log = (line) => void process.stderr.write(`${harmless(line)}\n`);

/** Text, or an object for programs, to standard output. */
export const print = (text: string): void => void process.stdout.write(harmless(text));

/**
 * What a container or a model says, to standard output, no faster than it is read there: as it is for a program, and
 * {@link harmless} at a terminal. Gives the last piece.
 */
export async function pass(pieces: AsyncIterable<string>): Promise<string> {
  const { stdout } = process;
  let last = '';
  for await (const piece of pieces) {
    if (!stdout.write(stdout.isTTY ? harmless(piece) : piece)) await once(stdout, 'drain');
    last = piece;
  }
  return last;
}

/** Colours on a terminal, and as NO_COLOR and FORCE_COLOR say. */
export const paint = (style: Style, text: string): string =>
  styleText(style, text, { stream: process.stdout });

/** Standard output, as it is now. */
export const screen = (): Screen => ({
  width: process.stdout.isTTY ? process.stdout.columns : undefined,
  paint,
});

/** What a terminal obeys, but for tabs, ends of lines and what {@link paint} writes. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const orders = /\u001B\[(?:1|2|22|31|32|33|39)m|[[\p{Cc}\p{Bidi_Control}]--[\n\t]]/gv;

/**
 * The same with every order to a terminal spelled out. The containers of models have a say in what is shown, and could
 * hide it or forge it. Within JSON, and within YAML as it is printed here, this changes nothing of the value.
 */
export const harmless = (text: string): string =>
  text.replaceAll(orders, (order) =>
    order.length > 1 ? order : `\\u${order.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** Columns of the terminal that standard error is; nothing where it is none. */
export const stderrColumns = (): number | undefined =>
  process.stderr.isTTY ? process.stderr.columns : undefined;
