import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type InferenceRuntime, parseInferenceRuntime } from '#api/v1alpha1/runtime.ts';

/** Beside the program, both in the repository and where it is bundled. */
const folder = join(import.meta.dirname, 'runtimes');

/** The built-in InferenceRuntimes, as they stand in their files. */
export function catalogueManifests(): unknown[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
  return files.sort().map((file) => parse(readFileSync(join(folder, file), 'utf8')));
}

/** The built-in InferenceRuntimes, checked. */
export const catalogue = (): InferenceRuntime[] => catalogueManifests().map(parseInferenceRuntime);
