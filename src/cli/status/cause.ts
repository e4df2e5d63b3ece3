import { conditionOf, type KnativeCondition, type PodObject } from '#knative/objects.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import { failureOf } from '#status/pods.ts';
import { isUnseen } from '../cluster/model.ts';
import type { ModelObjects } from './model-objects.ts';

/** One object that is not as it should be, in its own words. */
export interface Cause {
  readonly kind: string;
  readonly name: string;
  readonly reason: string;
  readonly message: string;
}

/** The label of Knative on everything that belongs to a revision. */
export const revisionLabel = 'serving.knative.dev/revision';

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
        ...pods.filter(ofNewest).flatMap(podCause).slice(0, 1),
        ...deployments.filter(ofNewest).flatMap((each) => first('Deployment', each, deploymentTypes)),
        ...revisions
          .filter(({ metadata }) => metadata.name === newest)
          .flatMap((each) => first('Revision', each, revisionTypes)),
        ...(service ? first('Knative Service', service, serviceTypes) : []),
      ];
  const own = ready && { kind: 'InferenceModel', name: model.metadata.name, ...words(ready) };
  return own ? [...below, own] : below;
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
  const said = types.map((type) => conditionOf(object, type)).filter((found) => found !== undefined);
  const wrong = said.find(hasFailed) ?? said.find(({ status, reason }) => status === 'Unknown' && reason);
  return wrong ? [{ kind, name: object.metadata.name, ...words(wrong) }] : [];
}

/** ReplicaFailure is the one condition of these that is bad when it holds. */
const hasFailed = ({ type, status }: KnativeCondition) =>
  status === (type === 'ReplicaFailure' ? 'True' : 'False');

const words = ({ reason, message }: Partial<KnativeCondition>) => ({
  reason: reason ?? 'Unknown',
  message: message ?? '',
});

function podCause(pod: PodObject): Cause[] {
  const failure = failureOf([pod], { now: Date.now() });
  return failure ? [{ kind: 'Pod', name: pod.metadata.name, ...words(failure) }] : [];
}
