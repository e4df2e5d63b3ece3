import { canonical } from '#api/schema/quantity.ts';
import type { FlaggedField } from '#api/v1alpha1/pod-fields.ts';
import type { Volume, VolumeMount } from '#api/v1alpha1/volume.ts';
import type { Capabilities } from '#knative/capabilities.ts';
import { flagRefusal } from './flags.ts';
import type { PartOf, Refusal } from './part.ts';

/** The kinds of volumes that a flag guards (serving pkg/apis/serving/k8s_validation.go, validateVolume). */
const flagged: readonly (readonly [keyof Volume, FlaggedField])[] = [
  ['emptyDir', { flag: 'kubernetes.podspec-volumes-emptydir', reading: 'enabled' }],
  ['persistentVolumeClaim', { flag: 'kubernetes.podspec-persistent-volume-claim', reading: 'enabled' }],
  ['image', { flag: 'kubernetes.podspec-volumes-image', reading: 'enabled', since: 46 }],
  ['ephemeral', { flag: 'kubernetes.podspec-volumes-ephemeral', reading: 'enabled', since: 50 }],
];
const writtenClaims: FlaggedField = {
  flag: 'kubernetes.podspec-persistent-volume-write',
  reading: 'enabled',
};

/** The volumes of a pod, and where its server has them. Each volume must be mounted: Knative refuses another one. */
export const volumesPart: PartOf = ({ server, environment: { capabilities } }) => {
  const { volumes = [] } = server.pod;
  const { volumeMounts = [] } = server.container;
  if (volumes.length === 0 && volumeMounts.length === 0) return undefined;
  const mounted = new Set(volumeMounts.map(({ name }) => name));
  const known = new Map(volumes.map((volume) => [volume.name, volume]));
  for (const volume of volumes) {
    const where = server.whose(`pod.volumes[${volume.name}]`);
    const refusal = volumeRefusal(where, volume, capabilities);
    if (refusal) return refusal;
    if (!mounted.has(volume.name))
      return { problem: `${where}: no volumeMounts of the container name it: mount it, or leave it out` };
  }
  const lost = volumeMounts.find(({ name }) => !known.has(name));
  if (lost)
    return {
      problem: `${server.whose(`container.volumeMounts[${lost.mountPath}]`)}: there is no volume ${lost.name}: add it to pod.volumes`,
    };
  return {
    volumes: volumes.map(makeVolume),
    server: { volumeMounts: volumeMounts.map((mount) => makeMount(mount, known.get(mount.name))) },
  };
};

function volumeRefusal(where: string, volume: Volume, capabilities: Capabilities): Refusal | undefined {
  const [, field] = flagged.find(([kind]) => volume[kind] !== undefined) ?? [];
  const refusal = field && flagRefusal(where, field, capabilities);
  if (refusal || !volume.persistentVolumeClaim || volume.persistentVolumeClaim.readOnly) return refusal;
  const written = flagRefusal(where, writtenClaims, capabilities);
  return written && { ...written, problem: `${written.problem}; or write readOnly: true` };
}

/** Quantities in the spelling of Kubernetes: Knative's webhook rewrites every other one. */
function makeVolume(volume: Volume) {
  const { emptyDir } = volume;
  if (emptyDir?.sizeLimit === undefined) return { ...volume };
  return { ...volume, emptyDir: { ...emptyDir, sizeLimit: canonical(emptyDir.sizeLimit) } };
}

/** Of other kinds Knative makes each mount read-only (serving pkg/apis/serving/v1/revision_defaults.go, applyDefault). */
function makeMount({ name, mountPath, subPath, readOnly }: VolumeMount, volume: Volume | undefined) {
  const isWritable =
    volume?.emptyDir !== undefined ||
    volume?.persistentVolumeClaim !== undefined ||
    volume?.ephemeral !== undefined;
  const isReadOnly = readOnly || !isWritable || volume?.persistentVolumeClaim?.readOnly;
  return { name, mountPath, ...(subPath && { subPath }), ...(isReadOnly && { readOnly: true }) };
}
