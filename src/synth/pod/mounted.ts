import { fileNameFor } from '#sources/file-name.ts';
import { namedBy } from '#sources/model-uri.ts';
import { type MountedUri, parseMounted } from '#sources/mounted.ts';
import { inShell, modelVolume } from './model-volume.ts';
import type { PartOf } from './part.ts';

/** The server has the model where it lies, on a claim or in an image: nothing is fetched, and nothing copied. */
export const mountedPart: PartOf = ({ server }) => {
  const { folder, file, source } = server;
  const mounted = parseMounted(source?.uri ?? '');
  const { path, isFile } = mounted;
  const { name } = namedBy(path);
  const mountPath = isFile ? `${folder}/${file ? fileNameFor(file, name) : name}` : folder;
  return {
    server: {
      ...inShell(server),
      volumeMounts: [{ name: modelVolume, mountPath, ...(path && { subPath: path }), readOnly: true }],
    },
    volumes: [{ name: modelVolume, ...volumeOf(mounted) }],
  };
};

const volumeOf = (mounted: MountedUri) =>
  mounted.scheme === 'pvc'
    ? { persistentVolumeClaim: { claimName: mounted.claim, readOnly: true } }
    : { image: { reference: mounted.reference, pullPolicy: 'IfNotPresent' } };
