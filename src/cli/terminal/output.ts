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

/** Rows in columns, as `kubectl` prints them; the first row is the head. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('   ')
      .trimEnd();
  return rows.map((row) => `${line(row)}\n`).join('');
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
  // As kubectl: two of a unit before it is used, so that 90 seconds are not told as one minute.
  const unit = units.find(({ seconds }) => passed >= 2 * seconds) ?? { name: 's', seconds: 1 };
  return `${Math.floor(passed / unit.seconds)}${unit.name}`;
}

/** Text behind an indent, all of its lines. */
export const indented = (text: string, indent: string): string =>
  text
    .split('\n')
    .map((line) => (line ? indent + line : line))
    .join('\n');
