/** The names under which Dormouse appears in a cluster. */
export const group = 'dormouse.dev';
export const version = 'v1alpha1';
export const apiVersion = `${group}/${version}`;

/** The one field manager of every server-side apply of ours. */
export const fieldManager = 'dormouse';

export const inferenceModels = {
  group,
  version,
  kind: 'InferenceModel',
  plural: 'inferencemodels',
  singular: 'inferencemodel',
  shortName: 'imodel',
} as const;

export const inferenceRuntimes = {
  group,
  version,
  kind: 'InferenceRuntime',
  plural: 'inferenceruntimes',
  singular: 'inferenceruntime',
  shortName: 'iruntime',
} as const;

export const inferenceProfiles = {
  group,
  version,
  kind: 'InferenceProfile',
  plural: 'inferenceprofiles',
  singular: 'inferenceprofile',
  shortName: 'iprofile',
} as const;

export const annotations = {
  /** On a revision: the scheme and the hash of what the user meant that makes the container. */
  intent: `${group}/intent`,
  /** On a revision: the runtime that it was made with, as name@version, the profile, and how the model gets to it. */
  profile: `${group}/profile`,
  runtime: `${group}/runtime`,
  delivery: `${group}/delivery`,
  /** On a revision: the folder of its model in the claim of a cache. */
  cache: `${group}/cache`,
  /** On an InferenceModel: a new value adopts what today's operator would synthesize. */
  refresh: `${group}/refresh`,
  /** On a Service: the hash of what was last applied, so that a field that is no longer written is noticed. */
  applied: `${group}/applied`,
  /** On a Service: the `metadata.generation` of the model that was last acted on, so that a stale cache is noticed. */
  generation: `${group}/generation`,
  /** On a Service that no operator looks after. */
  rendered: `${group}/rendered`,
} as const;

export const labels = {
  /** On every child, its revisions and their pods: the name of the InferenceModel. */
  model: `${group}/model`,
  managedBy: 'app.kubernetes.io/managed-by',
  name: 'app.kubernetes.io/name',
} as const;
