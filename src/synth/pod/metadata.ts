import { canonical } from '#api/schema/quantity.ts';
import { nativeResources } from '#api/v1alpha1/resources.ts';
import type { PartOf } from './part.ts';

/** Domains of keys that Knative acts on, or Dormouse, with what is to be written instead. */
const reserved: Readonly<Record<string, string>> = {
  'autoscaling.knative.dev': 'write it under spec.scale',
  'queue.sidecar.serving.knative.dev': 'write it under spec.pod.queueProxy.resources',
  'serving.knative.dev': 'leave it out',
  'dormouse.dev': 'leave it out',
};

/** Labels and annotations of pods. */
export const metadataPart: PartOf = ({ server: { pod, whose } }) => {
  for (const kind of ['labels', 'annotations'] as const) {
    const keys = Object.keys(pod[kind] ?? {});
    const key = keys.find((name) => reserved[name.split('/')[0] ?? ''] !== undefined);
    if (key)
      return {
        problem: `${whose(`pod.${kind}.${key}`)}: is not yours to set: ${reserved[key.split('/')[0] ?? '']}`,
      };
  }
  return { labels: pod.labels ?? {}, annotations: pod.annotations ?? {} };
};

/** The annotation of a revision that says what its queue-proxy requests, or may use. */
export const queueProxyAnnotation = (name: string, kind: 'request' | 'limit'): string =>
  `queue.sidecar.serving.knative.dev/${name}-resource-${kind}`;

/**
 * What Knative's own container in each pod may use, as annotations (serving pkg/apis/serving/register.go,
 * QueueSidecarCPUResourceRequestAnnotationKey and those beside it).
 */
export const queueProxyPart: PartOf = ({ server: { pod } }) => {
  const { requests = {}, limits = {} } = pod.queueProxy?.resources ?? {};
  const entries = nativeResources.flatMap((name) => [
    [queueProxyAnnotation(name, 'request'), requests[name]] as const,
    [queueProxyAnnotation(name, 'limit'), limits[name]] as const,
  ]);
  const written = entries.flatMap(([key, amount]) =>
    amount === undefined ? [] : [[key, canonical(amount)]],
  );
  return written.length > 0 ? { annotations: Object.fromEntries(written) } : undefined;
};
