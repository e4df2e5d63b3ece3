import { type ContainerStatus, conditionOf, type PodObject } from './observed.ts';

/** Why a pod does not run, in its own words. */
export interface PodFailure {
  /** A CamelCase word, such as `ImagePullBackOff`. */
  readonly reason: string;
  readonly message: string;
}

/** Waiting that is part of every start. */
const patience = new Set(['ContainerCreating', 'PodInitializing']);

/** The first thing that keeps one of these pods from running; nothing if they run or are on their way. */
export function failureOf(pods: readonly PodObject[]): PodFailure | undefined {
  return pods.map(podFailure).find((failure) => failure !== undefined);
}

function podFailure(pod: PodObject): PodFailure | undefined {
  if (pod.metadata.deletionTimestamp) return undefined;
  const scheduled = conditionOf(pod, 'PodScheduled');
  if (scheduled?.status === 'False')
    return {
      reason: scheduled.reason ?? 'Unschedulable',
      message: `no node takes the pod: ${scheduled.message}`,
    };
  const containers = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  return containers.map(containerFailure).find((failure) => failure !== undefined);
}

function containerFailure({ name, state, lastState }: ContainerStatus): PodFailure | undefined {
  const ended = state?.terminated ?? lastState?.terminated;
  if (ended && ended.exitCode !== 0 && state?.terminated !== undefined) return exit(name, ended);
  const waiting = state?.waiting;
  if (!waiting?.reason || patience.has(waiting.reason)) return undefined;
  // A crash loop's own message is about waiting; the words of the process that died say why.
  if (ended && ended.exitCode !== 0) return exit(name, ended);
  return { reason: waiting.reason, message: `container ${name}: ${waiting.message ?? waiting.reason}` };
}

function exit(
  name: string,
  { reason, message, exitCode }: { reason?: string; message?: string; exitCode: number },
): PodFailure {
  if (reason === 'OOMKilled')
    return {
      reason,
      message: `container ${name} was killed: it used more memory than spec.resources.limits.memory`,
    };
  const words = message?.trim();
  return {
    reason: 'ContainerExited',
    message: `container ${name} exited with code ${exitCode}${words ? `: ${words}` : ''}`,
  };
}
