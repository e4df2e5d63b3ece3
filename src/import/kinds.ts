import type { Refusal } from './reasons.ts';

/** Why there is nothing to make of some kinds. */
const unmatched = new Map(
  Object.entries({
    'serving.kserve.io/InferenceGraph': 'it joins several services: import these, and join them in a client',
    'serving.kserve.io/LLMInferenceService': 'it spreads one model over several pods and a router',
    'serving.kserve.io/LLMInferenceServiceConfig': 'it is a part of LLMInferenceServices',
    'serving.kserve.io/ClusterStorageContainer': 'there is one fetcher for all models',
    'serving.kserve.io/LocalModelCache': 'models are not kept on nodes',
    'serving.kserve.io/LocalModelNode': 'models are not kept on nodes',
    'serving.kserve.io/LocalModelNodeGroup': 'models are not kept on nodes',
    'machinelearning.seldon.io/SeldonDeployment':
      'it is a graph of containers: write an InferenceModel for each model of it, or upgrade it to Seldon Core v2 first',
    'mlops.seldon.io/Pipeline': 'it joins several models: import these, and join them in a client',
    'mlops.seldon.io/Experiment': 'it splits requests between models',
    'mlops.seldon.io/Server': 'each model has a server of its own',
    'mlops.seldon.io/ServerConfig': 'each model has a server of its own',
    'mlops.seldon.io/SeldonRuntime': 'it configures Seldon itself',
    'mlops.seldon.io/SeldonConfig': 'it configures Seldon itself',
  }),
);

/** API groups whose every object is reported. */
const groups = ['serving.kserve.io', 'serving.kubeflow.org', 'mlops.seldon.io', 'machinelearning.seldon.io'];

/** Kinds that guard requests to pods, by labels that the pods of a model here do not have. */
const guards = [
  ...['security.istio.io/AuthorizationPolicy', 'security.istio.io/RequestAuthentication'],
  ...['kuadrant.io/AuthPolicy', 'authorino.kuadrant.io/AuthConfig'],
];

export type Kind =
  | {
      readonly type:
        | 'inference-service'
        | 'trained-model'
        | 'serving-runtime'
        | 'seldon-model'
        | 'guard'
        | 'foreign';
    }
  | { readonly type: 'unmatched'; readonly reason: Refusal; readonly detail?: string | undefined };

/** How an object of this kind is converted. */
export function kindOf(apiVersion: string, kind: string): Kind {
  const [group = '', version = ''] = apiVersion.split('/');
  if (guards.includes(`${group}/${kind}`)) return { type: 'guard' };
  if (!groups.includes(group)) return { type: 'foreign' };
  const of = (type: Exclude<Kind['type'], 'unmatched'>, ...known: readonly [string, ...string[]]): Kind =>
    known.includes(version)
      ? { type }
      : { type: 'unmatched', reason: 'api-version', detail: `${known[0]} is known` };
  switch (`${group}/${kind}`) {
    case 'serving.kserve.io/InferenceService':
    // KServe's former name.
    case 'serving.kubeflow.org/InferenceService':
      return of('inference-service', 'v1beta1', 'v1alpha2');
    case 'serving.kserve.io/TrainedModel':
      return of('trained-model', 'v1alpha1');
    case 'serving.kserve.io/ServingRuntime':
    case 'serving.kserve.io/ClusterServingRuntime':
      return of('serving-runtime', 'v1alpha1');
    case 'mlops.seldon.io/Model':
      return of('seldon-model', 'v1alpha1');
    default:
      return { type: 'unmatched', reason: 'kind', detail: unmatched.get(`${group}/${kind}`) };
  }
}
