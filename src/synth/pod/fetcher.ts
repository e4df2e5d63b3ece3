import { canonical, thousandths } from '#api/schema/quantity.ts';
import { markerName } from '#base/marker.ts';
import { progressDeadline } from '../timeouts.ts';
import { makeResources, restricted } from './container.ts';
import type { PartOf, PodContext } from './part.ts';
import { makeWaitingProbes } from './probes.ts';

/** The volume of the model in the file system of its server. */
export const volumeFolder = '/mnt/models';

const volume = 'dormouse-model';
const mount = { name: volume, mountPath: volumeFolder };
const serverMount = ({ server: { isWritable } }: PodContext) => ({
  ...mount,
  ...(!isWritable && { readOnly: true }),
});
const fetcherUser = 65532;
const fetcherResources = { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '256Mi' } };

/** The model is fetched before its server starts. */
export const initContainerPart: PartOf = (context) => ({
  // Knative fills nothing into init containers.
  initContainers: [{ ...makeFetcher(context, ['fetch']), resources: fetcherResources }],
  server: { volumeMounts: [serverMount(context)] },
  volumes: [makeVolume(context)],
});

/** The model is fetched beside its server, which waits for it behind a shell. */
export const sidecarPart: PartOf = (context) => ({
  containers: [
    {
      ...makeFetcher(context, ['fetch', '--hold']),
      resources: makeResources(fetcherResources, context.environment.capabilities),
    },
  ],
  server: { ...waiting(context), volumeMounts: [serverMount(context)] },
  volumes: [makeVolume(context)],
});

/**
 * A shell script that runs its arguments once a file exists; `exec` leaves nothing of the shell. As the first process of
 * a container it gets no signal without a trap of its own (pid_namespaces(7)), and Knative's grace period of a pod is
 * the timeout of a request. Some shells' `sleep` knows whole seconds only.
 */
export const waitingScript = (file: string): string =>
  `trap 'exit 143' TERM INT; until [ -e ${file} ]; do sleep 0.05 || sleep 1; done; exec "$@"`;

/** The server's own command behind a shell that waits for the model. */
function waiting({ model, server: { container, folder }, environment: { capabilities } }: PodContext) {
  const { command = [], args = [] } = container;
  const script = waitingScript(`${folder}/${markerName}`);
  return {
    command: ['/bin/sh', '-c', script, 'sh', ...command, ...args],
    args: undefined,
    ...makeWaitingProbes(container, progressDeadline(model.spec, capabilities)),
  };
}

function makeFetcher(
  { model: { spec }, server: { folder, file, pod }, environment: { fetcherImage } }: PodContext,
  command: readonly string[],
) {
  const { uri = '', digest, size, credentials } = spec.model ?? {};
  const flags = [
    ...(digest ? ['--digest', digest] : []),
    ...(size !== undefined ? ['--size', String(size)] : []),
    ...(file ? ['--as', file] : []),
  ];
  return {
    name: 'fetch',
    image: fetcherImage,
    imagePullPolicy: 'IfNotPresent',
    args: [...command, ...flags, uri, folder],
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

/** Twice what was declared: an archive lies there beside what comes out of it. */
const makeVolume = ({ model: { spec } }: PodContext) => ({
  name: volume,
  emptyDir:
    spec.model?.size === undefined
      ? {}
      : { sizeLimit: canonical(Number(thousandths(spec.model.size) / 500n)) },
});
