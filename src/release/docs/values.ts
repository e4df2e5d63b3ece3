import type { ValueRow } from '../install/chart.ts';
import { markdownTable } from './table.ts';

/** The table of the values of the Helm chart, in Markdown. */
export function valuesTable(rows: readonly ValueRow[]): string {
  const lines = rows.map(({ path, default: value, description }) => {
    const standard = value === undefined || value === '' ? '' : `\`${JSON.stringify(value)}\``;
    return [`\`${path}\``, standard, description.replaceAll('*', '\\*')];
  });
  return markdownTable(['value', 'default', 'what it is'], lines);
}
