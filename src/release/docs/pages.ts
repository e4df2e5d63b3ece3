import { inferenceProfileSpec } from '#api/v1alpha1/profile.ts';
import { inferenceRuntimeSpec } from '#api/v1alpha1/runtime.ts';
import { inferenceModelSpec } from '#api/v1alpha1/spec.ts';
import { catalogue } from '#catalogue/catalogue.ts';
import { valueRows } from '../install/chart.ts';
import { flagsTable } from './flags.ts';
import { layoutsTable } from './layouts.ts';
import { metricsTable } from './metrics.ts';
import { reasonsTables } from './reasons.ts';
import { referenceTable } from './reference.ts';
import { runtimesTable } from './runtimes.ts';
import { withSection } from './section.ts';
import { valuesTable } from './values.ts';

const metrics = await metricsTable();

/** Pages that have something from data, by their paths from the root, each with what makes it anew from its text. */
export const pages: Readonly<Record<string, (text: string) => string>> = {
  'README.md': (text) => withSection(text, 'runtimes', runtimesTable(catalogue())),
  'charts/dormouse/README.md': (text) => withSection(text, 'values', valuesTable(valueRows())),
  'docs/models.md': (text) => withSection(text, 'layouts', layoutsTable(catalogue())),
  'docs/api.md': (text) =>
    Object.entries({
      inferencemodel: inferenceModelSpec,
      inferenceruntime: inferenceRuntimeSpec,
      inferenceprofile: inferenceProfileSpec,
    }).reduce((page, [name, schema]) => withSection(page, name, referenceTable(schema)), text),
  'docs/flags.md': (text) => withSection(text, 'flags', flagsTable()),
  'docs/metrics.md': (text) => withSection(text, 'metrics', metrics),
  'docs/import.md': (text) => withSection(text, 'reasons', reasonsTables()),
};
