import { annotations } from '#api/group.ts';
import { canonical, milliValue, type Quantity } from '#api/schema/quantity.ts';
import type { Resources } from '#api/v1alpha1/resources.ts';
import { cacheRoot } from '#base/cache.ts';
import { contentHash } from '#base/hash.ts';
import { markerName } from '#base/marker.ts';
import { mergeLayers } from '../merge.ts';
import { progressDeadline } from '../timeouts.ts';
import { makeResources, restricted } from './container.ts';
import { inShell, modelVolume, volumeFolder } from './model-volume.ts';
import type { PartOf, PodContext } from './part.ts';
import { makeWaitingProbes } from './probes.ts';
import { waitFor } from './shell.ts';

const mount = { name: modelVolume, mountPath: volumeFolder };
const serverMount = ({ server: { isWritable } }: PodContext) => ({
  ...mount,
  ...(!isWritable && { readOnly: true }),
});
const fetcherUser = 65532;

/** The model is fetched before its server starts. */
export const initContainerPart: PartOf = (context) => ({
  // Knative fills nothing into init containers.
  initContainers: [
    { ...makeFetcher(context, ['fetch']), resources: makeResources(fetcherResources(context)) },
  ],
  server: { ...inShell(context.server), volumeMounts: [serverMount(context)] },
  volumes: [makeVolume(context)],
});

/** The model is fetched beside its server, which waits for it behind a shell. */
export const sidecarPart: PartOf = (context) => ({
  containers: [
    {
      ...makeFetcher(context, ['fetch', '--hold']),
      resources: makeResources(fetcherResources(context), context.environment.capabilities),
    },
  ],
  server: { ...waiting(context), volumeMounts: [serverMount(context)] },
  volumes: [makeVolume(context)],
});

/** Where the claim of a cache is in the file system of the fetcher. */
const cacheFolder = '/mnt/cache';

/**
 * The model is fetched into a folder of the cache's claim unless it is there, and the server has that very folder: nothing
 * is copied, and nothing downloaded by a later pod. The kubelet makes a missing folder for a mount as root, so that the
 * fetcher must have made it before the server's container.
 */
export const cachePart: PartOf = (context) => {
  const { source, folder } = context.server;
  const path = `${cacheRoot}/${cacheKey(context)}`;
  return {
    initContainers: [
      {
        ...makeFetcher(context, ['fetch', '--cache'], `${cacheFolder}/${path}`),
        resources: makeResources(fetcherResources(context)),
        volumeMounts: [{ name: modelVolume, mountPath: cacheFolder }],
      },
    ],
    server: {
      ...inShell(context.server),
      volumeMounts: [{ name: modelVolume, mountPath: folder, subPath: path, readOnly: true }],
    },
    volumes: [{ name: modelVolume, persistentVolumeClaim: { claimName: source?.cache?.claimName ?? '' } }],
    annotations: { [annotations.cache]: path },
  };
};

/** The folder of a model in a cache: models of the same files share it, and a restart that asks for new weights gets them. */
function cacheKey({ model, server: { source, file } }: PodContext): string {
  const refresh = model.metadata.annotations?.[annotations.refresh];
  const { uri, digest, endpoint, include, exclude } = source ?? {};
  return contentHash({ uri, digest, endpoint, include, exclude, file, refresh });
}

/** The server's own command behind a shell that waits for the model, and probes that wait with it. */
function waiting({ model, server, environment: { capabilities } }: PodContext) {
  const { container, folder } = server;
  return {
    ...inShell(server, waitFor(`${folder}/${markerName}`)),
    ...makeWaitingProbes(container, progressDeadline(model, server, capabilities)),
  };
}

function makeFetcher(
  { server: { source, folder, file, pod }, environment: { fetcherImage } }: PodContext,
  command: readonly string[],
  target = folder,
) {
  const {
    uri = '',
    digest,
    maxSize,
    include = [],
    exclude = [],
    endpoint,
    region,
    credentials,
  } = source ?? {};
  const flags = [
    ...(digest ? ['--digest', digest] : []),
    ...(maxSize === undefined ? [] : ['--size', canonical(maxSize)]),
    ...(file ? ['--as', file] : []),
    ...include.flatMap((pattern) => ['--include', pattern]),
    ...exclude.flatMap((pattern) => ['--exclude', pattern]),
    // They win over what a Secret has of both, under whatever name.
    ...(endpoint ? ['--endpoint', endpoint] : []),
    ...(region ? ['--region', region] : []),
  ];
  return {
    name: 'fetch',
    image: fetcherImage,
    imagePullPolicy: 'IfNotPresent',
    args: [...command, ...flags, uri, target],
    ...(credentials && { envFrom: [{ secretRef: { name: credentials.secretRef.name } }] }),
    securityContext: {
      ...restricted,
      readOnlyRootFilesystem: true,
      // Its image runs as another user than root, and a pod that runs as root must not change that.
      ...(pod.securityContext?.runAsUser === 0 && { runAsUser: fetcherUser }),
    },
    volumeMounts: [mount],
  };
}

/** The kubelet counts folders and the fetcher's own files too, and evicts a pod that has more. */
const minVolumeBytes = 16 * 1024 * 1024;

/** Twice what was declared: an archive lies there beside what comes out of it. */
const volumeBytes = (maxSize: Quantity): number =>
  Math.max(Number(milliValue(maxSize) / 500n), minVolumeBytes);

const makeVolume = ({ server: { source } }: PodContext) => ({
  name: modelVolume,
  emptyDir: source?.maxSize === undefined ? {} : { sizeLimit: canonical(volumeBytes(source.maxSize)) },
});

/** What the fetcher may use, in which a profile wins. */
const fetcherResources = ({ server: { profile } }: PodContext): Resources =>
  mergeLayers<Resources>([
    { source: 'Dormouse', value: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '256Mi' } } },
    { source: 'profile', value: profile?.spec.fetcher?.resources ?? {} },
  ]);
