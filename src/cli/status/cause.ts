import { revisionLabel } from '#knative/names.ts';
import {
  conditionOf,
  type KnativeCondition,
  type KnativeServiceObject,
  type PodObject,
} from '#knative/objects.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import { causeInChain, causeInLog } from '#status/log-tail.ts';
import { failureOf } from '#status/pods.ts';
import { serverFacts } from '#status/server-facts.ts';
import { isUnseen } from '../cluster/model.ts';
import type { ModelObjects } from './model-objects.ts';

/** One object that is not as it should be, with the reason and message that it gives itself. */
export interface Cause {
  readonly kind: string;
  readonly name: string;
  readonly reason: string;
  readonly message: string;
}

/**
 * Why a model is not ready: the root cause first, then what it keeps from being ready, up to the model itself. Nothing
 * for one that is ready.
 */
export function causes({ model, service, revisions, deployments, pods }: ModelObjects): Cause[] {
  if (isUnseen(model)) {
    const message = `the operator has not acted on generation ${model.metadata.generation} yet: if this stays, see "dormouse doctor"`;
    return [{ kind: 'InferenceModel', name: model.metadata.name, reason: 'NotSeen', message }];
  }
  const ready = conditionOf(model, 'Ready');
  if (ready?.status === 'True') return [];
  const newest = service?.spec?.template?.metadata?.name;
  const ofNewest = ({ metadata }: KubernetesObject) => metadata.labels?.[revisionLabel] === newest;
  // An InferenceModel that was refused has nothing below it that could be the cause.
  const refused = conditionOf(model, 'Accepted')?.status === 'False';
  const below = refused
    ? []
    : [
        ...podCauses(pods.filter(ofNewest), service),
        ...deployments.filter(ofNewest).flatMap((each) => first('Deployment', each, deploymentTypes)),
        ...revisions
          .filter(({ metadata }) => metadata.name === newest)
          .flatMap((each) => first('Revision', each, revisionTypes)),
        ...(service ? first('Knative Service', service, serviceTypes) : []),
      ];
  const own = ready && { kind: 'InferenceModel', name: model.metadata.name, ...reasonAndMessage(ready) };
  return withoutRepetition(own ? [...below, own] : below);
}

/** What a level repeats of one below it is left out: Knative passes messages on from object to object. */
function withoutRepetition(causes: readonly Cause[]): Cause[] {
  const earlier: string[] = [];
  return causes.map((cause) => {
    const message = brief(cause.message);
    const core = message.replace(/[.\s]+$/, '');
    const isRepeated = core !== '' && earlier.some((text) => text.includes(core) || core.includes(text));
    if (core) earlier.push(core);
    return { ...cause, message: isRepeated ? '' : message };
  });
}

/** How Knative begins the message of a container that failed. */
const passedOn = /^.*?(?:failed with message|failed with|with message): /i;

/** Without what wraps the cause; a message of several lines is the end of a log. */
function brief(message: string): string {
  const text = message.trim().replace(passedOn, '');
  return text.includes('\n') ? causeInLog(text) : causeInChain(text);
}

/** The conditions that say most, first those that others only repeat. */
const deploymentTypes = ['ReplicaFailure', 'Progressing', 'Available'];
const revisionTypes = ['ResourcesAvailable', 'ContainerHealthy', 'Ready'];
const serviceTypes = ['ConfigurationsReady', 'RoutesReady', 'Ready'];

type Conditioned = KubernetesObject & {
  readonly status?: { readonly conditions?: readonly KnativeCondition[] };
};

/** What an object says against itself: what has failed before what is under way. */
function first(kind: string, object: Conditioned, types: readonly string[]): Cause[] {
  const conditions = types.map((type) => conditionOf(object, type)).filter((found) => found !== undefined);
  const wrong =
    conditions.find(hasFailed) ?? conditions.find(({ status, reason }) => status === 'Unknown' && reason);
  return wrong ? [{ kind, name: object.metadata.name, ...reasonAndMessage(wrong) }] : [];
}

/** ReplicaFailure is the one condition of these that is bad when it holds. */
const hasFailed = ({ type, status }: KnativeCondition) =>
  status === (type === 'ReplicaFailure' ? 'True' : 'False');

const reasonAndMessage = ({ reason, message }: Partial<KnativeCondition>) => ({
  reason: reason ?? 'Unknown',
  message: message ?? '',
});

function podCauses(pods: readonly PodObject[], service: KnativeServiceObject | undefined): Cause[] {
  const context = { now: Date.now(), server: serverFacts(service?.spec?.template) };
  return pods
    .flatMap((pod) => {
      const failure = failureOf([pod], context);
      return failure ? [{ kind: 'Pod', name: pod.metadata.name, ...reasonAndMessage(failure) }] : [];
    })
    .slice(0, 1);
}
