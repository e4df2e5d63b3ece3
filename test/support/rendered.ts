import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { asShipped } from '#cli/cluster/baseline.ts';
import { type RenderOptions, render } from '#cli/render/render.ts';
import { environment } from './environment.ts';

export interface Rendered {
  /** What was printed, parsed. */
  readonly services: readonly unknown[];
  /** What was said beside it, or why nothing was printed; without the name of the folder. */
  readonly said: string;
}

/** What `dormouse render -f` makes of files with these contents: 1.yaml, 2.yaml and so on. */
export const rendered = (...sources: readonly (string | Uint8Array)[]): Promise<Rendered> =>
  renderedWith({}, ...sources);

/** The same with other options. */
export async function renderedWith(
  options: Partial<RenderOptions>,
  ...sources: readonly (string | Uint8Array)[]
): Promise<Rendered> {
  const folder = await mkdtemp(join(tmpdir(), 'dormouse-render-'));
  try {
    const files = sources.map((_, index) => join(folder, `${index + 1}.yaml`));
    await Promise.all(files.map((file, index) => writeFile(file, sources[index] ?? '')));
    return await outcome(files, options);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The same of files that are there, or are not. */
export async function outcome(
  files: readonly string[],
  options: Partial<RenderOptions> = {},
): Promise<Rendered> {
  const lines: string[] = [];
  const { fetcherImage, allowance } = environment();
  const all = { files, operatorSettings: { fetcherImage, allowance }, baseline: asShipped, ...options };
  const text = await render(all, (line) => lines.push(line)).catch((error: Error) => {
    lines.push(`${error.name}: ${error.message}`);
    return '';
  });
  const services = [...parseAllDocuments(text)].map((document) => document.toJS());
  return { services, said: lines.join('\n').replaceAll(/\/\S*\/(?=\d\.yaml|missing)/g, '') };
}

/** A small model, as somebody writes it by hand. */
export const irisYaml = `apiVersion: dormouse.dev/v1alpha1
kind: InferenceModel
metadata: { name: iris, namespace: default }
spec: { container: { image: "registry.example/iris:1" } }
`;
