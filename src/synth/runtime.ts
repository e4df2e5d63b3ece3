import type { InferenceRuntime } from '../api/runtime.ts';
import type { InferenceModelSpec } from '../api/spec.ts';
import { RefusedError } from './refused.ts';

/** How a runtime is written: the name that a model asks for, and the version that it got. */
export const fullName = ({ name, spec }: InferenceRuntime) => `${name}@${spec.version}`;

/**
 * The runtime that serves a model: the one it names, or of those that know its format the one with the highest
 * priority, and of equals the first by name.
 *
 * @throws RefusedError with the runtimes that would do
 */
export function chooseRuntime(
  spec: InferenceModelSpec,
  runtimes: readonly InferenceRuntime[],
): InferenceRuntime {
  const format = spec.model?.format ?? '';
  const fitting = runtimes.filter((runtime) => priorityOf(runtime, format) !== undefined);
  const asked = spec.runtime?.name;
  if (asked === undefined) {
    const [best] = fitting.toSorted(
      (left, right) =>
        (priorityOf(right, format) ?? 0) - (priorityOf(left, format) ?? 0) ||
        (left.name < right.name ? -1 : 1),
    );
    if (best) return best;
    const known = [
      ...new Set(runtimes.flatMap(({ spec: { formats } }) => formats.map(({ name }) => name))),
    ].sort();
    throw new RefusedError([
      `spec.model.format: no runtime serves ${format}; those here serve ${list(known)}`,
    ]);
  }
  const [name, version] = asked.split('@');
  const named = runtimes.find((runtime) => runtime.name === name);
  const would = `would do: ${list(fitting.map(fullName).sort())}`;
  if (!named) throw new RefusedError([`spec.runtime.name: there is no InferenceRuntime ${name}; ${would}`]);
  if (version !== undefined && version !== named.spec.version)
    throw new RefusedError([
      `spec.runtime.name: ${name} is here in version ${named.spec.version} only; ${would}`,
    ]);
  if (!fitting.includes(named))
    throw new RefusedError([`spec.runtime.name: ${name} does not serve ${format}; ${would}`]);
  return named;
}

const priorityOf = ({ spec }: InferenceRuntime, format: string) => {
  const known = spec.formats.find(({ name }) => name === format);
  return known && (known.priority ?? 0);
};

const list = (names: readonly string[]) => (names.length > 0 ? names.join(', ') : 'none');
