import { milliValue } from '#api/schema/quantity.ts';
import { isDevice } from '#api/v1alpha1/resources.ts';
import type { InferenceRuntime } from '#api/v1alpha1/runtime.ts';
import type { InferenceModelSpec } from '#api/v1alpha1/spec.ts';

/** What of a model decides its runtime. */
export type RuntimeRequest = Pick<InferenceModelSpec, 'model' | 'runtime' | 'resources'>;

/** The devices that a model asks for, such as nvidia.com/gpu. */
export const devicesOf = ({ resources }: Pick<InferenceModelSpec, 'resources'>): string[] =>
  Object.entries(resources?.limits ?? {})
    .filter(([name, amount]) => isDevice(name) && milliValue(amount) > 0n)
    .map(([name]) => name)
    .sort();

/**
 * What a device is to a server: a slice of an NVIDIA GPU, or one that is shared, is such a GPU (k8s-device-plugin,
 * https://github.com/NVIDIA/k8s-device-plugin, MIG_STRATEGY and renameByDefault).
 */
const kindOf = (device: string): string =>
  device.startsWith('nvidia.com/mig-') || device === 'nvidia.com/gpu.shared' ? 'nvidia.com/gpu' : device;

/**
 * Whether a runtime runs on what a model asks for. Not every device is an accelerator, so one that it knows is enough;
 * and of an image that the user put in its place only they know.
 */
export function runsOn({ spec }: InferenceRuntime, model: RuntimeRequest): boolean {
  if (model.runtime?.image) return true;
  const devices = devicesOf(model);
  return devices.length > 0
    ? devices.some((device) =>
        [device, kindOf(device)].some((name) => spec.accelerator?.devices.includes(name)),
      )
    : !spec.accelerator?.required;
}

/** What a runtime runs on, as text. */
export const platformsOf = ({ spec }: InferenceRuntime): string =>
  [...(spec.accelerator?.required ? [] : ['CPU']), ...(spec.accelerator?.devices ?? [])].join(' or ');
