import { thousandths } from '#api/schema/quantity.ts';
import { isNative } from '#api/v1alpha1/resources.ts';
import type { InferenceRuntime } from '#api/v1alpha1/runtime.ts';
import type { InferenceModelSpec } from '#api/v1alpha1/spec.ts';

/** The devices that a model asks for, such as nvidia.com/gpu. */
export const devicesOf = ({ resources }: InferenceModelSpec): string[] =>
  Object.entries(resources?.limits ?? {})
    .filter(([name, amount]) => !isNative(name) && thousandths(amount) > 0n)
    .map(([name]) => name)
    .sort();

/**
 * Whether a runtime runs on what a model asks for. Not every device is an accelerator, so one that it knows is enough;
 * and of an image that the user put in its place only they know.
 */
export function runsOn({ spec }: InferenceRuntime, model: InferenceModelSpec): boolean {
  if (model.runtime?.image) return true;
  const devices = devicesOf(model);
  return devices.length > 0
    ? devices.some((device) => spec.accelerators?.includes(device))
    : !spec.needsAccelerator;
}

/** What a runtime runs on, as text. */
export const platformsOf = ({ spec }: InferenceRuntime): string =>
  [...(spec.needsAccelerator ? [] : ['CPU']), ...(spec.accelerators ?? [])].join(' or ');
