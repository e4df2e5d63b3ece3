import type { InferenceRuntime } from '#api/v1alpha1/runtime.ts';
import { volumeFolder } from '#synth/pod/model-volume.ts';
import { markdownTable } from './table.ts';

/** The table of how each built-in runtime wants the files of a model, in Markdown. */
export function layoutsTable(runtimes: readonly InferenceRuntime[]): string {
  const rows = runtimes.map(({ name, spec: { formats, layout } }) => [
    formats.map((format) => `\`${format.name}\``).join(', '),
    `\`${name}\``,
    layout?.file ? `\`${layout.file.replace('*', '<its ending>')}\`` : 'as it is',
    `\`${[volumeFolder, layout?.folder].filter(Boolean).join('/')}\``,
  ]);
  const head = ['format', 'runtime', 'one file is called', 'and lies in'];
  return markdownTable(head, rows);
}
