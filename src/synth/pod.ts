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
  const readOnly = { volumeMounts: [{ name: volume, mountPath: volumeFolder, readOnly: true }] };
  const server = makeContainer(served.container, served.resources, environment.capabilities);
  switch (delivery) {
    case undefined:
    case 'direct':
      return { containers: [server] };
    case 'init-container':
      return {
        initContainers: [{ ...makeFetcher(spec, served, environment, ['fetch']), ...mounts }],
        containers: [{ ...server, ...readOnly }],
        volumes: makeVolumes(spec),
      };
    case 'sidecar':
      return {
        containers: [
          { ...server, ...waiting(served), ...readOnly },
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

/**
 * A shell script that runs its arguments once a file exists; `exec` leaves nothing of the shell. As the first process of
 * a container it gets no signal without a trap of its own (pid_namespaces(7)), and Knative's grace period of a pod is
 * the timeout of a request. Some shells' `sleep` knows whole seconds only.
 */
export const waitingScript = (file: string): string =>
  `trap 'exit 143' TERM INT; until [ -e ${file} ]; do sleep 0.05 || sleep 1; done; exec "$@"`;

/** The server's own command behind a shell that waits for the model. */
function waiting({ container: { command = [], args = [] }, folder }: Server) {
  const script = waitingScript(`${folder}/${markerName}`);
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
