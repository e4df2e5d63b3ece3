import { canonical, thousandths } from '#api/schema/quantity.ts';
import type { InferenceModelSpec } from '#api/v1alpha1/spec.ts';
import { markerName } from '#base/marker.ts';
import { makeContainer, makeResources, restricted } from './container.ts';
import type { Delivery } from './delivery.ts';
import type { Environment } from './environment.ts';
import { type Server, volumeFolder } from './server.ts';

const volume = 'model';
const fetcherResources = { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '256Mi' } };

/** The containers and volumes of a model's pods, with every field that Knative would fill in. */
export function makePod(
  spec: InferenceModelSpec,
  served: Server,
  delivery: Delivery | undefined,
  environment: Environment,
) {
  const mounts = { volumeMounts: [{ name: volume, mountPath: volumeFolder }] };
  const server = makeContainer(served.container, served.resources, environment.capabilities);
  switch (delivery) {
    case undefined:
    case 'direct':
      return { containers: [server] };
    case 'init-container':
      return {
        initContainers: [{ ...makeFetcher(spec, served, environment, ['fetch']), ...mounts }],
        containers: [{ ...server, ...mounts }],
        volumes: makeVolumes(spec),
      };
    case 'sidecar':
      return {
        containers: [
          { ...server, ...waiting(served), ...mounts },
          {
            ...makeFetcher(spec, served, environment, ['fetch', '--hold']),
            // Knative fills in what containers lack, and init containers not.
            resources: makeResources(fetcherResources, environment.capabilities),
            ...mounts,
          },
        ],
        volumes: makeVolumes(spec),
      };
  }
}

/** The server's own command behind a shell that waits for the model; `exec` leaves nothing of the shell. */
function waiting({ container: { command = [], args = [] }, folder }: Server) {
  const script = `until [ -e ${folder}/${markerName} ]; do sleep 0.05; done; exec "$@"`;
  return { command: ['/bin/sh', '-c', script, 'sh', ...command, ...args], args: undefined };
}

function makeFetcher(
  { model }: InferenceModelSpec,
  { folder, file }: Server,
  { fetcherImage }: Environment,
  command: readonly string[],
) {
  const { uri = '', digest, size, credentials } = model ?? {};
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
    resources: fetcherResources,
    securityContext: { ...restricted, readOnlyRootFilesystem: true },
  };
}

/** Twice what was declared: an archive lies there beside what comes out of it. */
const makeVolumes = ({ model }: InferenceModelSpec) => [
  {
    name: volume,
    emptyDir:
      model?.size === undefined ? {} : { sizeLimit: canonical(Number(thousandths(model.size) / 500n)) },
  },
];
