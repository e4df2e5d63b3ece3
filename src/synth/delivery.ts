import type { InferenceRuntime } from '#api/v1alpha1/runtime.ts';
import type { InferenceModelSpec } from '#api/v1alpha1/spec.ts';
import type { Capabilities } from '#knative/capabilities.ts';
import { patchCommand, type Setting } from '#knative/setting.ts';
import { RefusedError } from './refused.ts';
import { fullName } from './runtime.ts';

/**
 * How a model gets to its server. `direct`: the server reads it itself. `init-container`: it is fetched before the
 * server starts. `sidecar`: it is fetched beside the server, whose shell waits for it; a stock Knative allows that.
 */
export type Delivery = 'direct' | 'init-container' | 'sidecar';

/** Schemes that the fetcher speaks; `file` is for who calls it by hand, since its pod has no files but its image's. */
const fetched = ['s3', 'https'];

/** What a server that reads the model itself would not heed. */
const fetcherAlone = ['digest', 'size', 'credentials'] as const;

/**
 * The best way that this cluster allows.
 * @throws RefusedError with the flag to set and how, where none is left
 */
export function chooseDelivery(
  { model, runtime: asked }: InferenceModelSpec,
  runtime: InferenceRuntime,
  { features, settingsOwner }: Capabilities,
): Delivery {
  const scheme = model?.uri.split(':')[0] ?? '';
  const reads = runtime.spec.reads?.some((name) => name === scheme);
  const unheeded = fetcherAlone.filter((field) => model?.[field] !== undefined);
  if (reads && unheeded.length === 0) return 'direct';
  if (!fetched.includes(scheme)) {
    const usable = `use ${fetched.map((name) => `${name}://`).join(' or ')}`;
    const why = reads
      ? `${fullName(runtime)} reads ${scheme}:// itself, without a word of ${unheeded.map((field) => `spec.model.${field}`).join(', ')}: leave that out, or ${usable}`
      : `${scheme}:// cannot be fetched: ${usable}`;
    throw new RefusedError([`spec.model.uri: ${why}`]);
  }
  if (features['kubernetes.podspec-init-containers']) return 'init-container';
  const command = asked?.command?.length ? asked.command : runtime.spec.container.command;
  const waits = (runtime.spec.shell ?? true) && command !== undefined && command.length > 0;
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
