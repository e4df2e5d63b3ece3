/** Where Knative Serving lives, and the ConfigMaps there that say what a cluster allows and fills in. */
export const knativeNamespace = 'knative-serving';
export const settingsConfigMaps = [
  'config-defaults',
  'config-autoscaler',
  'config-features',
  'config-deployment',
] as const;
export type SettingsConfigMap = (typeof settingsConfigMaps)[number];

/** On a Service that is not to be reached from outside the cluster: `cluster-local`. */
export const visibilityLabel = 'networking.knative.dev/visibility';
/** On a pod: the revision that it serves. */
export const revisionLabel = 'serving.knative.dev/revision';
