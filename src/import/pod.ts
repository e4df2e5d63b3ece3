import type * as z from 'zod';
import { type PodSettings, pod } from '#api/v1alpha1/pod.ts';
import { nativeResources } from '#api/v1alpha1/resources.ts';
import { type Volume, type VolumeMount, volume, volumeMount } from '#api/v1alpha1/volume.ts';
import { compact } from './compact.ts';
import { readAmount } from './container.ts';
import { readPodMap } from './metadata.ts';
import type { Source } from './source.ts';

/** Fields of a pod that are here under the same name, and that are read as a whole. */
const sameFields = [
  'nodeSelector',
  'tolerations',
  'affinity',
  'topologySpreadConstraints',
  'runtimeClassName',
  'priorityClassName',
  'schedulerName',
  'serviceAccountName',
  'automountServiceAccountToken',
] as const;

/** What Kubernetes or Knative does in any case. */
const asUsual: readonly (readonly [string, string | boolean])[] = [
  ['restartPolicy', 'Always'],
  ['dnsPolicy', 'ClusterFirst'],
  ['enableServiceLinks', false],
  ['hostNetwork', false],
  ['hostPID', false],
  ['hostIPC', false],
  ['shareProcessNamespace', false],
];

/**
 * Where pods run and what belongs to them, but for their volumes: of a predictor or of the spec of a runtime, whose fields
 * are those of a pod.
 */
export function readPod(from: Source): PodSettings {
  for (const [name, value] of asUsual) from.at(name).takeIf(value);
  const queueProxy = readQueueProxy(from.at('annotations'));
  const fields = sameFields.map((name) => [name, from.at(name).read(pod.shape[name].unwrap() as z.ZodType)]);
  return compact({
    ...Object.fromEntries(fields),
    labels: readPodMap(from.at('labels'), 'labels'),
    annotations: readPodMap(from.at('annotations'), 'annotations'),
    imagePullSecrets: readSecrets(from.at('imagePullSecrets')),
    securityContext: readSecurityContext(from.at('securityContext')),
    queueProxy: queueProxy && { resources: queueProxy },
  });
}

const secretName = pod.shape.imagePullSecrets.unwrap().element.shape.name;

/** Names of Secrets with which images are pulled. */
const readSecrets = (from: Source): { name: string }[] =>
  from.items().flatMap((item) => {
    const name = item.at('name').read(secretName);
    return name === undefined ? [] : [{ name }];
  });

const security = pod.shape.securityContext.unwrap().shape;

function readSecurityContext(from: Source): PodSettings['securityContext'] {
  from.at('seccompProfile', 'type').takeIf('RuntimeDefault');
  const fields = Object.entries(security).map(([name, schema]) => [
    name,
    from.at(name).read(schema as z.ZodType),
  ]);
  return compact(Object.fromEntries(fields));
}

/**
 * The resources of queue-proxy, which Knative takes from annotations of a pod (serving pkg/apis/serving/register.go,
 * QueueSidecarResourcePercentageAnnotationKey and those below it).
 */
export function readQueueProxy(annotations: Source): { requests?: object; limits?: object } | undefined {
  const read = (kind: 'request' | 'limit') =>
    compact(
      Object.fromEntries(
        nativeResources.map((name) => [
          name,
          readAmount(annotations.at(`queue.sidecar.serving.knative.dev/${name}-resource-${kind}`), name),
        ]),
      ),
    );
  const found = compact({ requests: read('request'), limits: read('limit') });
  return Object.keys(found).length > 0 ? found : undefined;
}

export interface Mounted {
  readonly volumes: Volume[];
  readonly volumeMounts: VolumeMount[];
}

const kinds = Object.keys(volume.shape).filter((key) => key !== 'name');

/**
 * The volumes of a pod that its server mounts, and where. Knative takes no volume that no container mounts.
 * @param others names of volumes that are mounted, too
 */
export function readVolumes(
  from: Source,
  container: Source | undefined,
  others: readonly string[] = [],
): Mounted {
  const mounts = container?.at('volumeMounts').items() ?? [];
  const names = new Set([...others, ...mounts.map((mount) => mount.at('name').text)]);
  const volumes = from
    .at('volumes')
    .items()
    .flatMap((item) => {
      if (!item.entries().some(([key]) => kinds.includes(key))) item.settle('volume');
      else if (!names.has(item.at('name').text)) item.settle('ignored', 'no container mounts it');
      return item.settled ? [] : (item.read(volume) ?? []);
    });
  const known = new Set(volumes.map(({ name }) => name));
  const volumeMounts = mounts.flatMap((mount) => {
    if (!known.has(mount.at('name').text ?? '')) mount.settle('volume');
    if (mount.settled) return [];
    mount.at('mountPropagation').takeIf('None');
    const { name, mountPath, subPath, readOnly } = volumeMount.shape;
    const found = {
      name: mount.at('name').read(name),
      mountPath: mount.at('mountPath').read(mountPath),
      ...compact({
        subPath: mount.at('subPath').read(subPath.unwrap()),
        readOnly: mount.at('readOnly').read(readOnly.unwrap()),
      }),
    };
    return found.name === undefined || found.mountPath === undefined ? [] : [found as VolumeMount];
  });
  const isMounted = new Set([...others, ...volumeMounts.map(({ name }) => name)]);
  return { volumes: volumes.filter(({ name }) => isMounted.has(name)), volumeMounts };
}
