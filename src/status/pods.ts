import { type ContainerStatus, conditionOf, type PodObject } from '#knative/objects.ts';
import { causeInChain, causeInLog, isConsequence } from './log-tail.ts';
import type { ServerFacts } from './server-facts.ts';

/** Why a pod does not serve. */
export interface PodFailure {
  /** A CamelCase word, which stays the same while the cause does. */
  readonly reason: string;
  /** The cause, in one sentence. */
  readonly message: string;
  /** `Pending`: a node may come. `Failing`: it will not serve as it is. `Unready`: it runs, and is not ready for too long. */
  readonly kind: 'Pending' | 'Failing' | 'Unready';
  /** Set where a process has ended, and the end of its log does not say why. */
  readonly isUnexplained?: true;
}

/** What is found in the pods of a revision. */
export interface PodReport {
  /** Pods that are neither ended nor being deleted. */
  readonly count: number;
  readonly failure?: PodFailure | undefined;
  /** How often containers of pods that run were started anew, and why the last time. */
  readonly restarts: number;
  readonly lastRestart?: string | undefined;
  /** Whether a pod has not become ready within the deadline. */
  readonly isOverdue: boolean;
  /** Milliseconds after which the same pods make another report. */
  readonly recheckAfterMs?: number | undefined;
}

export interface PodContext {
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  /** What is known of the server in these pods. */
  readonly server?: ServerFacts | undefined;
}

/** A server that has run for so long and is not ready is reported; one whose model is fetched beside it takes longer. */
const unreadyAfterMs = 15_000;
const unreadyBesideFetchMs = 60_000;
/** Volumes and the network of a pod are there in seconds; what takes longer, such as a disk that another node has, is reported. */
const unpreparedAfterMs = 30_000;
/** The container that fetches the model, and ends with 0 when it is there. */
const fetcherName = 'fetch';

/** After this time the kubelet forgets the exits before (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy). */
const stableAfterMs = 600_000;

/** Waiting that is part of every start. */
const isStarting = new Set(['ContainerCreating', 'PodInitializing']);

/** Reasons of the kubelet that stand for one cause, between which it changes to and fro. */
const reasons: Readonly<Record<string, string>> = {
  ErrImagePull: 'ImagePullFailed',
  ImagePullBackOff: 'ImagePullFailed',
  InvalidImageName: 'ImagePullFailed',
  ErrImageNeverPull: 'ImagePullFailed',
  RegistryUnavailable: 'ImagePullFailed',
  RunContainerError: 'ContainerCannotStart',
  CreateContainerError: 'ContainerCannotStart',
  StartError: 'ContainerCannotStart',
  ContainerCannotRun: 'ContainerCannotStart',
};

/** An evicted pod stays as `Failed` for days; another one has taken its place. */
const ended = new Set(['Failed', 'Succeeded']);

const isAlive = ({ metadata, status }: PodObject): boolean =>
  !metadata.deletionTimestamp && !ended.has(status?.phase ?? '');

/** The first thing that keeps one of these pods from serving; nothing if they serve or are on their way. */
export const failureOf = (pods: readonly PodObject[], context: PodContext): PodFailure | undefined =>
  pods
    .filter(isAlive)
    .map((pod) => podFailure(pod, context))
    .find((failure) => failure !== undefined);

/** @param deadlineMs milliseconds within which a pod must become ready, if any */
export function inspectPods(
  pods: readonly PodObject[],
  context: PodContext,
  deadlineMs = Infinity,
): PodReport {
  const alive = pods.filter(isAlive);
  const restarted = alive.flatMap(containersOf).filter(({ restartCount = 0 }) => restartCount > 0);
  const last = restarted.find(({ lastState }) => lastState?.terminated);
  const overdueIn = alive.flatMap((pod) => overdueAfter(pod, context.now - deadlineMs));
  const waits = [
    ...alive.flatMap((pod) => [...unreadyIn(pod, context), ...unpreparedIn(pod, context)]),
    ...overdueIn,
  ].filter((ms) => ms > 0 && Number.isFinite(ms));
  return {
    count: alive.length,
    failure: failureOf(alive, context),
    restarts: restarted.reduce((sum, { restartCount = 0 }) => sum + restartCount, 0),
    lastRestart: last && exitOf(last, context).message,
    isOverdue: overdueIn.some((ms) => ms <= 0),
    recheckAfterMs: waits.length > 0 ? Math.min(...waits) : undefined,
  };
}

const containersOf = ({ status }: PodObject): readonly ContainerStatus[] => [
  ...(status?.initContainerStatuses ?? []),
  ...(status?.containerStatuses ?? []),
];

function podFailure(pod: PodObject, context: PodContext): PodFailure | undefined {
  const scheduled = conditionOf(pod, 'PodScheduled');
  if (scheduled?.status === 'False')
    return {
      reason: scheduled.reason ?? 'Unschedulable',
      message: noNode(scheduled.message, pod),
      kind: 'Pending',
    };
  if (isReady(pod)) return undefined;
  const failure = containersOf(pod)
    .map((container) => containerFailure(container, context))
    .find((found) => found !== undefined);
  if (failure) return failure;
  if (unpreparedIn(pod, context).some((ms) => ms <= 0)) return unprepared(pod);
  return unreadyIn(pod, context).some((ms) => ms <= 0) ? unready(context) : undefined;
}

/** What to do where the scheduler speaks of claims: no node that comes helps. */
function noNode(message = 'the scheduler does not say why', { metadata: { namespace } }: PodObject): string {
  const told = `no node takes the pod: ${message}`;
  const advice = /persistentvolumeclaim "[^"]*" not found/.test(message)
    ? 'make it, or correct the name'
    : /unbound immediate PersistentVolumeClaims/.test(message) &&
      `kubectl describe pvc -n ${namespace} says why`;
  return advice ? `${told.replace(/\.$/, '')}: ${advice}` : told;
}

/**
 * A container's own `ready` is True as soon as it runs: Knative moves the readiness probe to queue-proxy (serving
 * pkg/reconciler/revision/resources/deploy.go, makePodSpec).
 */
const isReady = (pod: PodObject): boolean => conditionOf(pod, 'Ready')?.status === 'True';

function containerFailure(container: ContainerStatus, context: PodContext): PodFailure | undefined {
  const { name, state = {} } = container;
  const { waiting, terminated } = state;
  const isDone = name === fetcherName && terminated?.exitCode === 0;
  if (terminated && !isDone) return exitOf({ ...container, lastState: { terminated } }, context);
  const isBetweenRuns =
    !waiting?.reason || waiting.reason === 'CrashLoopBackOff' || isStarting.has(waiting.reason);
  if (isBetweenRuns) return hasCrashed(container, context) ? exitOf(container, context) : undefined;
  const reason = reasons[waiting.reason] ?? waiting.reason;
  return {
    reason,
    message: cannotRun(reason, container, waiting.message || waiting.reason),
    kind: 'Failing',
  };
}

/** Whether the last exit is why the container is not ready: it runs again for a while between two exits. */
function hasCrashed({ lastState, state }: ContainerStatus, { now }: PodContext): boolean {
  const { startedAt } = state?.running ?? {};
  const isStable = startedAt !== undefined && now - Date.parse(startedAt) > stableAfterMs;
  return lastState?.terminated !== undefined && !isStable;
}

function cannotRun(reason: string, { name, image = '' }: ContainerStatus, message: string): string {
  const cause = causeInChain(message.trim());
  if (reason === 'ImagePullFailed') {
    // Some causes speak of a host or a layer alone.
    const which = image === '' || cause.includes(image) ? '' : ` (${image})`;
    return `the image of container ${name} cannot be pulled: ${cause}${which}`;
  }
  return `container ${name}${reason === 'ContainerCannotStart' ? ' cannot start' : ''}: ${cause}`;
}

/** How the process of a container ended the last time. */
function exitOf(container: ContainerStatus, { server }: PodContext): PodFailure {
  const { name, lastState } = container;
  const { reason = '', message = '', exitCode = 0 } = lastState?.terminated ?? {};
  if (reason === 'OOMKilled') {
    const limit = server?.memoryLimit ? ` (${server.memoryLimit})` : '';
    return {
      reason,
      message: `container ${name} was killed: it used more memory than spec.resources.limits.memory${limit}`,
      kind: 'Failing',
    };
  }
  if (reasons[reason])
    return {
      reason: reasons[reason],
      message: cannotRun(reasons[reason], container, message || reason),
      kind: 'Failing',
    };
  const cause = causeInLog(message);
  const exit = `container ${name} exited with code ${exitCode}`;
  if (cause)
    return {
      reason: 'ContainerExited',
      message: `${exit}: ${cause}`,
      kind: 'Failing',
      ...(isConsequence(cause) && { isUnexplained: true }),
    };
  return {
    reason: 'ContainerExited',
    message: `${exit}, and left no message: kubectl logs -c ${name} --previous of its pod shows its log`,
    kind: 'Failing',
    isUnexplained: true,
  };
}

/** For a pod that is not ready: by how many milliseconds it was made after a time. */
function overdueAfter(pod: PodObject, time: number): number[] {
  const { creationTimestamp } = pod.metadata;
  if (!creationTimestamp || isReady(pod)) return [];
  return [Date.parse(creationTimestamp) - time];
}

/** For each container that runs and is not ready: milliseconds until the status says so, 0 or less where it does. */
function unreadyIn(pod: PodObject, { now, server }: PodContext): number[] {
  const fetches = pod.status?.containerStatuses?.some(({ name }) => name === fetcherName);
  const timeoutMs = (fetches ? unreadyBesideFetchMs : unreadyAfterMs) + (server?.initialDelayMs ?? 0);
  if (isReady(pod)) return [];
  return containersOf(pod)
    .filter(({ name, state }) => name === server?.name && state?.running?.startedAt)
    .map(({ state }) => Date.parse(state?.running?.startedAt ?? '') + timeoutMs - now);
}

/**
 * For a pod whose node has not brought up its volumes and network: milliseconds until the status says so. Why is in an Event
 * alone (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-has-network).
 */
function unpreparedIn(pod: PodObject, { now }: PodContext): number[] {
  const prepared = conditionOf(pod, 'PodReadyToStartContainers');
  const { lastTransitionTime = '' } = conditionOf(pod, 'PodScheduled') ?? {};
  if (prepared?.status !== 'False' || !lastTransitionTime) return [];
  return [Date.parse(lastTransitionTime) + unpreparedAfterMs - now];
}

function unprepared({ metadata: { name, namespace } }: PodObject): PodFailure {
  return {
    reason: 'PodNotPrepared',
    message: `its node has not brought up the volumes or the network of a pod: kubectl describe pod -n ${namespace} ${name} says why, and a claim that is ReadWriteOnce is of one node at a time`,
    kind: 'Unready',
  };
}

function unready({ server }: PodContext): PodFailure {
  return {
    reason: 'ServerNotReady',
    message: `container ${server?.name} runs, and does not answer ${server?.question}: ${server?.advice}`,
    kind: 'Unready',
  };
}
