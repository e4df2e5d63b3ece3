import { catalogue } from '../catalogue.ts';
import { valueRows } from '../install/chart.ts';
import { reasonsTables } from './reasons.ts';
import { runtimesTable } from './runtimes.ts';
import { withSection } from './section.ts';
import { valuesTable } from './values.ts';

/** Pages that have something from data, by their paths from the root, each with what makes it anew from its text. */
export const pages: Readonly<Record<string, (text: string) => string>> = {
  'README.md': (text) => withSection(text, 'runtimes', runtimesTable(catalogue())),
  'charts/dormouse/README.md': (text) => withSection(text, 'values', valuesTable(valueRows())),
  'docs/import.md': (text) => withSection(text, 'reasons', reasonsTables()),
};
