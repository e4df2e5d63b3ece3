import { type FlaggedField, type FlagReading, podFields } from '#api/v1alpha1/pod-fields.ts';
import { releaseName } from '#knative/settings.ts';
import { markdownTable } from './table.ts';

const values: Readonly<Record<FlagReading, string>> = {
  enabled: '`enabled`',
  'not-disabled': '`enabled` or `allowed`',
};

/** The table of the fields that take a flag of Knative, in Markdown. */
export function flagsTable(): string {
  const rows = Object.values<FlaggedField>(podFields).map(({ field, flag, reading, isShippedOn, since }) => [
    field.replace(/^spec\.[^,]+/, '`$&`'),
    `\`${flag}\``,
    values[reading],
    isShippedOn ? 'on' : 'off',
    since === undefined ? '' : releaseName(since),
  ]);
  return markdownTable(['field', 'flag', 'let through by', 'as shipped', 'since Knative'], rows);
}
