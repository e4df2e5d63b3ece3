import { group } from '#api/group.ts';
import type { InferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import type { Environment } from './environment.ts';
import type { MergedField } from './merge.ts';
import { mergedServer } from './server.ts';

/**
 * Each value of a model's server, where it is from, and what of the model's metadata goes no further.
 * @throws UnsupportedError where no runtime fits, or the profile is not there
 */
export function explain(
  model: InferenceModel,
  environment: Pick<Environment, 'runtimes' | 'profiles'>,
): string[] {
  const { fields } = mergedServer(model, environment);
  const width = Math.max(...fields.map(({ source }) => source.length));
  return [...fields.map((field) => fieldLine(field, width)), ...droppedMetadata(model)];
}

const fieldLine = ({ path, value, source }: MergedField, width: number): string =>
  `${source.padEnd(width)}  ${path}: ${typeof value === 'string' ? value : JSON.stringify(value)}`;

/** Annotations that speak to Dormouse, or are written by kubectl for itself. */
const isOwn = (key: string) => key.startsWith(`${group}/`) || key.startsWith('kubectl.kubernetes.io/');

/** A sentence for the labels and one for the annotations of a model that reach neither its Service nor its pods. */
export function droppedMetadata({ metadata, spec }: InferenceModel): string[] {
  return (['labels', 'annotations'] as const).flatMap((kind) => {
    const carried = new Set(Object.keys(spec.pod?.[kind] ?? {}));
    const dropped = Object.keys(metadata[kind] ?? {}).filter((key) => !isOwn(key) && !carried.has(key));
    if (dropped.length === 0) return [];
    return [
      `metadata.${kind}: ${dropped.join(', ')} stay on the model: what its pods must have goes under spec.pod.${kind}`,
    ];
  });
}
