import { conditionOf, type PodObject } from '#knative/objects.ts';

/** What the newest pod of a model is doing on its way to serve. */
export function phaseOf(pods: readonly PodObject[]): string {
  const alive = pods.filter(({ metadata }) => !metadata.deletionTimestamp);
  if (alive.some(isReady)) return 'its pod is ready; waiting for the answer';
  const [pod] = alive.toSorted((one, other) =>
    (other.metadata.creationTimestamp ?? '').localeCompare(one.metadata.creationTimestamp ?? ''),
  );
  if (!pod) return 'waiting for a pod';
  const scheduled = conditionOf(pod, 'PodScheduled');
  if (scheduled?.status !== 'True')
    return scheduled?.message ? `waiting for a node: ${scheduled.message}` : 'waiting for a node';
  const containers = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const failing = containers.find(({ state }) => /BackOff|Err|Error/.test(state?.waiting?.reason ?? ''));
  if (failing) return `container ${failing.name}: ${failing.state?.waiting?.reason}`;
  if (containers.some(({ state }) => state?.waiting || !state?.running)) {
    const fetch = containers.find(({ name, state }) => name === 'fetch' && state?.running);
    return fetch ? 'fetching the model' : 'its containers start';
  }
  return 'its server loads the model';
}

/** Whether a pod serves. */
export const isReady = (pod: PodObject): boolean => conditionOf(pod, 'Ready')?.status === 'True';
