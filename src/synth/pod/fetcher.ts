import { canonical, thousandths } from '#api/schema/quantity.ts';
import { markerName } from '#base/marker.ts';
import { progressDeadline } from '../timeouts.ts';
import { canonicalResources, makeResources, restricted } from './container.ts';
import type { PartOf, PodContext } from './part.ts';
import { makeWaitingProbes } from './probes.ts';
import { serverScript, waitFor } from './shell.ts';

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

const resourcesOf = ({ server: { profile } }: PodContext) => ({
  ...fetcherResources,
  ...profile?.spec.fetcher?.resources,
});

/** The model is fetched before its server starts. */
export const initContainerPart: PartOf = (context) => ({
  // Knative fills nothing into init containers.
  initContainers: [
    { ...makeFetcher(context, ['fetch']), resources: canonicalResources(resourcesOf(context)) },
  ],
  server: { ...inShell(context.server), volumeMounts: [serverMount(context)] },
  volumes: [makeVolume(context)],
});

/** The model is fetched beside its server, which waits for it behind a shell. */
export const sidecarPart: PartOf = (context) => ({
  containers: [
    {
      ...makeFetcher(context, ['fetch', '--hold']),
      resources: makeResources(resourcesOf(context), context.environment.capabilities),
    },
  ],
  server: { ...waiting(context), volumeMounts: [serverMount(context)] },
  volumes: [makeVolume(context)],
});

/** The server's own command behind a shell that waits for the model, and probes that wait with it. */
function waiting({ model, server, environment: { capabilities } }: PodContext) {
  const { container, folder } = server;
  return {
    ...inShell(server, waitFor(`${folder}/${markerName}`)),
    ...makeWaitingProbes(container, progressDeadline(model.spec, capabilities)),
  };
}

/** The server's own command in a shell, where its runtime has one and says the command. */
function inShell({ container: { command = [], args = [] }, runtime }: PodContext['server'], before = '') {
  if (runtime?.spec.shell === 'Absent' || command.length === 0) return {};
  return {
    command: ['/bin/sh', '-c', `${before}${serverScript}`, 'sh', ...command, ...args],
    args: undefined,
  };
}

function makeFetcher(context: PodContext, command: readonly string[]) {
  const { model, server, environment } = context;
  const { folder, file, pod } = server;
  const { uri = '', digest, maxSize } = model.spec.model ?? {};
  const { secretRef, endpoint, region } = accessOf(context);
  const flags = [
    ...(digest ? ['--digest', digest] : []),
    ...(maxSize !== undefined ? ['--size', String(maxSize)] : []),
    ...(file ? ['--as', file] : []),
  ];
  // What the user wrote wins over a key of the Secret: Kubernetes puts env over envFrom.
  const env = [
    ...(endpoint ? [{ name: 'AWS_ENDPOINT_URL', value: endpoint }] : []),
    ...(region ? [{ name: 'AWS_REGION', value: region }] : []),
  ];
  return {
    name: 'fetch',
    image: environment.fetcherImage,
    imagePullPolicy: 'IfNotPresent',
    args: [...command, ...flags, uri, folder],
    ...(env.length > 0 && { env }),
    ...(secretRef && { envFrom: [{ secretRef: { name: secretRef.name } }] }),
    securityContext: {
      ...restricted,
      readOnlyRootFilesystem: true,
      // Its image runs as another user than root, and a pod that runs as root must not change that.
      ...(pod.securityContext?.runAsUser === 0 && { runAsUser: fetcherUser }),
    },
    volumeMounts: [mount],
  };
}

/** With what a model is read: what it says itself, and what its profile says of the place where it is. */
function accessOf({ model: { spec }, server: { profile } }: PodContext) {
  const { uri = '', endpoint, region, credentials } = spec.model ?? {};
  const places = profile?.spec.credentials?.filter(({ prefix }) => uri.startsWith(prefix)) ?? [];
  const [place] = places.toSorted((left, right) => right.prefix.length - left.prefix.length);
  return {
    secretRef: credentials?.secretRef ?? place?.secretRef,
    endpoint: endpoint ?? place?.endpoint,
    region: region ?? place?.region,
  };
}

/** Twice what was declared: an archive lies there beside what comes out of it. */
const makeVolume = ({ model: { spec } }: PodContext) => ({
  name: volume,
  emptyDir:
    spec.model?.maxSize === undefined
      ? {}
      : { sizeLimit: canonical(Number(thousandths(spec.model.maxSize) / 500n)) },
});
