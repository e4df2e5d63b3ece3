import type { InferenceRuntime } from '../api/runtime.ts';
import type { InferenceModelSpec } from '../api/spec.ts';
import type { Capabilities } from './capabilities.ts';
import { RefusedError } from './refused.ts';
import { fullName } from './runtime.ts';
import { patchCommand, type Setting } from './setting.ts';

/**
 * How a model gets to its server. `direct`: the server reads it itself. `init-container`: it is fetched before the
 * server starts. `sidecar`: it is fetched beside the server, whose shell waits for it; a stock Knative allows that.
 */
export type Delivery = 'direct' | 'init-container' | 'sidecar';

/** Schemes that the fetcher speaks. */
const fetched = ['s3', 'https', 'file'];

/**
 * The best way that this cluster allows.
 * @throws RefusedError with the flag to set and how, where none is left
 */
export function chooseDelivery(
  { model }: InferenceModelSpec,
  runtime: InferenceRuntime,
  { features, settingsOwner }: Capabilities,
): Delivery {
  const scheme = model?.uri.split(':')[0] ?? '';
  // A digest is checked by the fetcher alone.
  if (runtime.spec.reads?.some((name) => name === scheme) && !model?.digest) return 'direct';
  if (!fetched.includes(scheme))
    throw new RefusedError([
      `spec.model.uri: ${scheme}:// cannot be fetched yet: use ${fetched.map((name) => `${name}://`).join(', ')}`,
    ]);
  if (features['kubernetes.podspec-init-containers']) return 'init-container';
  const waits = (runtime.spec.shell ?? true) && runtime.spec.container.command !== undefined;
  if (waits && features['multi-container'] && features['kubernetes.podspec-volumes-emptydir'])
    return 'sidecar';
  const why = waits
    ? 'this cluster allows neither init containers nor a second container with an emptyDir'
    : `${fullName(runtime)} has no shell and command to wait with, and this cluster allows no init containers`;
  throw new RefusedError([`${why}: ${patchCommand(initContainers, settingsOwner)}`], [initContainers]);
}

const initContainers: Setting = {
  configMap: 'config-features',
  key: 'kubernetes.podspec-init-containers',
  value: 'enabled',
};
