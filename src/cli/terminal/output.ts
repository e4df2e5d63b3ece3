import type { Paint, Style } from '#plan/text.ts';
import type { Format } from '../flags.ts';
import { printDocument } from '../input/yaml.ts';

/** A value for programs to read. */
export const printed = (value: unknown, format: Format): string =>
  format === 'json' ? `${JSON.stringify(value, null, 2)}\n` : printDocument(value);

/** Objects for programs, or for `kubectl apply`: a stream of YAML, or one List of JSON. */
export const printedAll = (items: readonly object[], format: Format): string =>
  format === 'json' ? printed(listOf(items), format) : items.map(printDocument).join('---\n');

/** As `kubectl` prints several objects at once. */
export const listOf = (items: readonly object[]): object => ({ apiVersion: 'v1', kind: 'List', items });

/** Where text for people goes. */
export interface Screen {
  /** Columns; unset where the output is no terminal, and nothing is shortened or wrapped. */
  readonly width?: number | undefined;
  readonly paint: Paint;
}

/** A screen without colours and without an end. */
export const plainScreen: Screen = { paint: (_, text) => text };

export type Cell = string | { readonly text: string; readonly style?: Style | undefined };

const textOf = (cell: Cell | undefined): string => (typeof cell === 'string' ? cell : (cell?.text ?? ''));
/** The one of two cells that takes more room. */
export const longer = (one: Cell, other: Cell): Cell =>
  textOf(other).length > textOf(one).length ? other : one;

/** Of a URL that is cut to less, nothing is left to see. */
const minColumn = 10;

/** Where the cells of a table stand. */
export interface Columns {
  readonly widths: readonly number[];
  readonly gap: string;
}

/**
 * Columns as wide as their widest cells. Where the screen has less room, they move together and the widest one gives way,
 * but for the first `kept` ones, which are names to copy.
 */
export function columnsOf(
  rows: readonly (readonly Cell[])[],
  width = Number.POSITIVE_INFINITY,
  kept = 1,
): Columns {
  const count = Math.max(...rows.map(({ length }) => length));
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(...rows.map((row) => textOf(row[column]).length)),
  );
  const total = (gap: number) => widths.reduce((sum, each) => sum + each, 0) + gap * (count - 1);
  const gap = total(3) <= width ? 3 : 2;
  while (total(gap) > width) {
    const most = Math.max(...widths.slice(kept), 0);
    if (most <= minColumn) break;
    widths[widths.indexOf(most, kept)] = most - 1;
  }
  return { widths, gap: ' '.repeat(gap) };
}

/** A row of a table, without the end of the line. */
export const rowText = (row: readonly Cell[], { widths, gap }: Columns, { paint }: Screen): string =>
  row
    .map((cell, column) => {
      const text = cut(textOf(cell), widths[column] ?? 0);
      const isLast = column === row.length - 1;
      const style = typeof cell === 'string' ? undefined : cell.style;
      const padding = isLast ? '' : ' '.repeat(Math.max(0, (widths[column] ?? 0) - text.length));
      return (style ? paint(style, text) : text) + padding;
    })
    .join(gap)
    .trimEnd();

/** Rows in columns, as `kubectl` prints them; the first row may be the head. */
export function table(
  rows: readonly (readonly Cell[])[],
  screen: Screen = plainScreen,
  kept?: number,
): string {
  const columns = columnsOf(rows, screen.width, kept);
  return rows.map((row) => `${rowText(row, columns, screen)}\n`).join('');
}

const cut = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, Math.max(0, length - 1)).toWellFormed()}…`;

/**
 * Text in lines of at most `width`, broken between words; lines after the first one begin with `indent` spaces. A word that
 * is longer stays whole, so that it can be copied.
 */
export function wrapped(text: string, width: number | undefined, indent: number): string {
  if (width === undefined) return text;
  const room = Math.max(20, width - indent);
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= room)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.join(`\n${' '.repeat(indent)}`);
}

const units = [
  { name: 'd', seconds: 86_400 },
  { name: 'h', seconds: 3_600 },
  { name: 'm', seconds: 60 },
  { name: 's', seconds: 1 },
];

/** How long ago a time of the API (RFC 3339) was: `12s`, `4m`, `3h`, `20d`. */
export function age(since: string | undefined, now: Date): string {
  if (!since) return '-';
  const passed = Math.max(0, (now.getTime() - Date.parse(since)) / 1000);
  // As kubectl: two of a unit before it is used, so that 90 seconds do not become one minute.
  const unit = units.find(({ seconds }) => passed >= 2 * seconds) ?? { name: 's', seconds: 1 };
  return `${Math.floor(passed / unit.seconds)}${unit.name}`;
}

/** Text behind an indent, all of its lines. */
export const indented = (text: string, indent: string): string =>
  text
    .split('\n')
    .map((line) => (line ? indent + line : line))
    .join('\n');

/** A number of things: `1 pod`, `3 pods`. */
export const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;
