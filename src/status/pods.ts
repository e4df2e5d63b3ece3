import { type ContainerStatus, conditionOf, type PodObject } from '#knative/objects.ts';

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

/** An evicted pod lies about as `Failed` for days; another one has taken its place. */
const ended = new Set(['Failed', 'Succeeded']);

function podFailure(pod: PodObject): PodFailure | undefined {
  if (pod.metadata.deletionTimestamp || ended.has(pod.status?.phase ?? '')) return undefined;
  const scheduled = conditionOf(pod, 'PodScheduled');
  if (scheduled?.status === 'False')
    return {
      reason: scheduled.reason ?? 'Unschedulable',
      message: `no node takes the pod: ${scheduled.message ?? 'the scheduler says not why'}`,
    };
  const containers = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  return containers.map(containerFailure).find((failure) => failure !== undefined);
}

function containerFailure({ name, state = {}, lastState }: ContainerStatus): PodFailure | undefined {
  const { waiting, terminated } = state;
  // A crash loop's own message is about waiting; the words of the process that died say why.
  const crashed = waiting?.reason === 'CrashLoopBackOff' ? lastState?.terminated : undefined;
  if (crashed) return exit(name, crashed);
  if (terminated && terminated.exitCode !== 0) return exit(name, terminated);
  if (!waiting?.reason || patience.has(waiting.reason)) return undefined;
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
