import { canonical } from '#api/schema/quantity.ts';
import type { Volume, VolumeMount } from '#api/v1alpha1/volume.ts';
import type { PartOf } from './part.ts';

/** The volumes of a pod, and where its server has them. Each volume must be mounted: Knative refuses another one. */
export const volumesPart: PartOf = ({ server }) => {
  const { volumes = [] } = server.pod;
  const { volumeMounts = [] } = server.container;
  if (volumes.length === 0 && volumeMounts.length === 0) return undefined;
  const mounted = new Set(volumeMounts.map(({ name }) => name));
  const known = new Map(volumes.map((volume) => [volume.name, volume]));
  const unmounted = volumes
    .filter(({ name }) => !mounted.has(name))
    .map(({ name }) => ({
      problem: `${server.whose(`pod.volumes[${name}]`)}: no volumeMounts of the container name it: mount it, or leave it out`,
    }));
  const unknown = volumeMounts
    .filter(({ name }) => !known.has(name))
    .map(({ name, mountPath }) => ({
      problem: `${server.whose(`container.volumeMounts[${mountPath}]`)}: there is no volume ${name}: add it to pod.volumes`,
    }));
  if (unmounted.length > 0 || unknown.length > 0) return [...unmounted, ...unknown];
  return {
    volumes: volumes.map(makeVolume),
    server: { volumeMounts: volumeMounts.map((mount) => makeMount(mount, known.get(mount.name))) },
  };
};

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
