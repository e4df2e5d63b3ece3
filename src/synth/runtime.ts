import type { InferenceRuntime } from '#api/v1alpha1/runtime.ts';
import { devicesOf, platformsOf, type RuntimeRequest, runsOn } from './accelerator.ts';
import { UnsupportedError } from './unsupported.ts';

/** How a runtime is written: the name that a model asks for, and the version that it got. */
export const fullName = ({ name, spec }: InferenceRuntime) => `${name}@${spec.version}`;

/**
 * The runtime that serves a model: the one it names, or of those that know its format and run on its accelerator the
 * one with the highest priority, and of equals the first by name.
 *
 * @throws UnsupportedError with the runtimes that would do
 */
export function chooseRuntime(spec: RuntimeRequest, runtimes: readonly InferenceRuntime[]): InferenceRuntime {
  const format = spec.model?.format ?? '';
  const serving = runtimes
    .filter((runtime) => priorityOf(runtime, format) !== undefined)
    .toSorted(
      (left, right) =>
        (priorityOf(right, format) ?? 0) - (priorityOf(left, format) ?? 0) ||
        (left.name < right.name ? -1 : 1),
    );
  const fitting = serving.filter((runtime) => runsOn(runtime, spec));
  return spec.runtime?.name === undefined
    ? best(spec, runtimes, serving, fitting)
    : named(spec, runtimes, serving, fitting);
}

function best(
  spec: RuntimeRequest,
  runtimes: readonly InferenceRuntime[],
  serving: readonly InferenceRuntime[],
  [first]: readonly InferenceRuntime[],
): InferenceRuntime {
  if (first) return first;
  const format = spec.model?.format;
  if (serving.length > 0)
    throw new UnsupportedError([
      `spec.resources.limits: no runtime serves ${format} on ${askedFor(spec)}: ask for what one here runs on (${withPlatforms(serving)}), or install an InferenceRuntime that does`,
    ]);
  const known = new Set(runtimes.flatMap(({ spec: { formats } }) => formats.map(({ name }) => name)));
  throw new UnsupportedError([
    `spec.model.format: no runtime serves ${format}; those here serve ${list([...known].sort())}`,
  ]);
}

function named(
  spec: RuntimeRequest,
  runtimes: readonly InferenceRuntime[],
  serving: readonly InferenceRuntime[],
  fitting: readonly InferenceRuntime[],
): InferenceRuntime {
  const { name, version } = spec.runtime ?? {};
  const found = runtimes.find((runtime) => runtime.name === name);
  const refuse = (why: string) => {
    throw new UnsupportedError([
      `spec.runtime.name: ${why}; ${fitting.length > 0 ? `would do: ${list(fitting.map(fullName).toSorted())}` : noneWouldDo(spec)}`,
    ]);
  };
  if (!found) return refuse(`there is no InferenceRuntime ${name}`);
  if (version !== undefined && version !== found.spec.version)
    return refuse(`${name} is here in version ${found.spec.version} only`);
  if (!serving.includes(found)) return refuse(`${name} does not serve ${spec.model?.format}`);
  if (!fitting.includes(found))
    return refuse(
      `${name} runs on ${platformsOf(found)}, and spec.resources.limits asks for ${askedFor(spec)}`,
    );
  return found;
}

const priorityOf = ({ spec }: InferenceRuntime, format: string) => {
  const known = spec.formats.find(({ name }) => name === format);
  return known && (known.priority ?? 0);
};

const askedFor = (spec: RuntimeRequest) => {
  const devices = devicesOf(spec);
  return devices.length > 0 ? devices.join(', ') : 'a CPU alone';
};

const noneWouldDo = (spec: RuntimeRequest) =>
  `none here would do: install an InferenceRuntime that serves ${spec.model?.format} on ${askedFor(spec)}, or ask for something else`;

const withPlatforms = (runtimes: readonly InferenceRuntime[]) =>
  list(runtimes.map((runtime) => `${fullName(runtime)} on ${platformsOf(runtime)}`));

const list = (names: readonly string[]) => (names.length > 0 ? names.join(', ') : 'none');
